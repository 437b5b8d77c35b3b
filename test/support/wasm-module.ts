/**
 * Reads a WebAssembly binary as far as the tests of the kernels need: imported memories, globals, data segments, and
 * every instruction of every function, told apart from its immediates as the specification's binary format says
 * (https://webassembly.github.io/spec/core/binary/). Anything it does not know is an error, so that nothing is skipped.
 */

/** An instruction: `prefix` is 0 or one of 0xfc (saturating, bulk), 0xfd (SIMD), 0xfe (atomics). */
export interface Instruction {
  readonly functionIndex: number;
  readonly offset: number;
  readonly prefix: number;
  readonly opcode: number;
}

/** An imported memory; sizes in pages of 64 KiB. */
export interface ImportedMemory {
  readonly name: string;
  readonly shared: boolean;
  readonly minimum: number;
  readonly maximum: number | undefined;
}

/** The content of a binary. */
export interface WasmModule {
  readonly memories: readonly ImportedMemory[];
  readonly importedFunctions: readonly string[];
  readonly mutableGlobals: number;
  readonly dataSegments: number;
  readonly ownMemories: number;
  readonly functions: number;
  readonly instructions: readonly Instruction[];
}

/** Decodes a whole binary. */
export function readWasm(bytes: Uint8Array): WasmModule {
  const reader = new Reader(bytes);
  reader.expect([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
  const found = {
    memories: [] as ImportedMemory[],
    importedFunctions: [] as string[],
    mutableGlobals: 0,
    dataSegments: 0,
    ownMemories: 0,
    functions: 0,
    instructions: [] as Instruction[],
  };
  while (!reader.atEnd) {
    const id = reader.byte();
    const end = reader.u32() + reader.position;
    if (id === 2) reader.times(() => readImport(reader, found));
    else if (id === 5) found.ownMemories = reader.u32();
    else if (id === 6) reader.times(() => (found.mutableGlobals += readGlobal(reader)));
    else if (id === 10) {
      found.functions = reader.times((index) => {
        readBody(reader, (instruction) => found.instructions.push({ functionIndex: index, ...instruction }));
      });
    } else if (id === 11) found.dataSegments = reader.u32();
    else if (id > 13) reader.fail(`section ${id}`);
    // Nothing is asked about the other sections, or about those that were only counted.
    if ([2, 6, 10].includes(id) && reader.position !== end) reader.fail(`the end of section ${id}, expected at ${end}`);
    reader.position = end;
  }
  return found;
}

function readImport(reader: Reader, found: { memories: ImportedMemory[]; importedFunctions: string[] }): void {
  const name = `${reader.text()}.${reader.text()}`;
  const kind = reader.byte();
  if (kind === 0) {
    reader.u32();
    found.importedFunctions.push(name);
  } else if (kind === 2) {
    const flags = reader.byte();
    if (flags > 3) reader.fail(`memory flags ${flags}`);
    const minimum = reader.u32();
    found.memories.push({ name, shared: flags >= 2, minimum, maximum: flags & 1 ? reader.u32() : undefined });
  } else reader.fail(`import kind ${kind}`);
}

/** Returns 1 for a mutable global. */
function readGlobal(reader: Reader): number {
  reader.byte();
  const mutable = reader.byte();
  readExpression(reader, () => undefined);
  return mutable;
}

type Visit = (instruction: Omit<Instruction, "functionIndex">) => void;

function readBody(reader: Reader, visit: Visit): void {
  const end = reader.u32() + reader.position;
  reader.times(() => {
    reader.u32();
    reader.byte();
  });
  readExpression(reader, visit);
  if (reader.position !== end) reader.fail(`the end of a function, expected at ${end}`);
}

/** Instructions up to the `end` that closes the expression itself. */
function readExpression(reader: Reader, visit: Visit): void {
  for (let depth = 1; depth > 0;) {
    const offset = reader.position;
    const first = reader.byte();
    const prefix = first >= 0xfc ? first : 0;
    const opcode = prefix === 0 ? first : reader.u32();
    visit({ offset, prefix, opcode });
    if (prefix === 0 && opcode >= 0x02 && opcode <= 0x04) depth++;
    if (prefix === 0 && opcode === 0x0b) depth--;
    skipImmediates(reader, prefix, opcode);
  }
}

function skipImmediates(reader: Reader, prefix: number, opcode: number): void {
  if (prefix === 0) skipPlain(reader, opcode);
  else if (prefix === 0xfc) skipBulk(reader, opcode);
  else if (prefix === 0xfd) skipSimd(reader, opcode);
  else if (prefix === 0xfe) skipAtomic(reader, opcode);
  else reader.fail(`prefix 0x${prefix.toString(16)}`);
}

function skipPlain(reader: Reader, opcode: number): void {
  const isOneOf = (...ranges: [number, number][]): boolean => ranges.some(([a, b]) => opcode >= a && opcode <= b);
  // unreachable nop · else · end · return · drop select · all comparisons, arithmetic and conversions · ref.is_null
  if (isOneOf([0x00, 0x01], [0x05, 0x05], [0x0b, 0x0b], [0x0f, 0x0f], [0x1a, 0x1b], [0x45, 0xc4], [0xd1, 0xd1])) return;
  if (isOneOf([0x02, 0x04])) reader.signed();
  else if (isOneOf([0x0c, 0x0d], [0x10, 0x10], [0x20, 0x26], [0x3f, 0x40], [0xd0, 0xd0], [0xd2, 0xd2])) reader.u32();
  else if (opcode === 0x0e) {
    reader.times(() => reader.u32());
    reader.u32();
  } else if (opcode === 0x11) reader.skipU32(2);
  else if (opcode === 0x1c) reader.times(() => reader.byte());
  else if (isOneOf([0x28, 0x3e])) skipMemoryArgument(reader);
  else if (isOneOf([0x41, 0x42])) reader.signed();
  else if (opcode === 0x43) reader.position += 4;
  else if (opcode === 0x44) reader.position += 8;
  else reader.fail(`opcode 0x${opcode.toString(16)}`);
}

function skipBulk(reader: Reader, opcode: number): void {
  if (opcode > 17) reader.fail(`opcode 0xfc ${opcode}`);
  // 0–7 are the saturating conversions. memory.init and copy and table.init and copy have two indices, the others one.
  if (opcode >= 8) reader.skipU32([8, 10, 12, 14].includes(opcode) ? 2 : 1);
}

function skipSimd(reader: Reader, opcode: number): void {
  if (opcode > 0x113) reader.fail(`opcode 0xfd ${opcode}`);
  if (opcode <= 11 || opcode === 92 || opcode === 93) skipMemoryArgument(reader);
  else if (opcode === 12 || opcode === 13) reader.position += 16;
  else if (opcode >= 21 && opcode <= 34) reader.byte();
  else if (opcode >= 84 && opcode <= 91) {
    skipMemoryArgument(reader);
    reader.byte();
  }
}

function skipAtomic(reader: Reader, opcode: number): void {
  if (opcode === 3) reader.byte();
  else if (opcode <= 2 || (opcode >= 0x10 && opcode <= 0x4e)) skipMemoryArgument(reader);
  else reader.fail(`opcode 0xfe ${opcode}`);
}

/** Alignment and offset; bit 6 of the alignment announces a memory's index. */
function skipMemoryArgument(reader: Reader): void {
  const alignment = reader.u32();
  reader.skipU32(alignment & 0x40 ? 2 : 1);
}

/** Bytes from front to back. */
class Reader {
  readonly #bytes: Uint8Array;
  position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.position >= this.#bytes.length;
  }

  byte(): number {
    return this.#bytes[this.position++] ?? this.fail("the end of the file");
  }

  /** LEB128, unsigned, at most 32 bits. */
  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return this.fail("an integer of more than 5 bytes");
  }

  /** Skips a signed LEB128 of at most 64 bits. */
  signed(): void {
    for (let length = 0; length < 10; length++) if (this.byte() < 0x80) return;
    this.fail("an integer of more than 10 bytes");
  }

  skipU32(count: number): void {
    for (let i = 0; i < count; i++) this.u32();
  }

  text(): string {
    const length = this.u32();
    this.position += length;
    return new TextDecoder().decode(this.#bytes.subarray(this.position - length, this.position));
  }

  /** Reads a count, then calls `each` that many times; returns the count. */
  times(each: (index: number) => void): number {
    const count = this.u32();
    for (let i = 0; i < count; i++) each(i);
    return count;
  }

  expect(bytes: readonly number[]): void {
    for (const byte of bytes) if (this.byte() !== byte) this.fail("bytes that do not begin a module");
  }

  fail(what: string): never {
    throw new Error(`wasm: ${what} at byte ${this.position} is not what the reader knows`);
  }
}
