import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { readWasm, type Instruction, type WasmModule } from "../support/wasm-module.ts";

/** Relaxed SIMD: results may differ between processors (https://github.com/WebAssembly/relaxed-simd). */
function isRelaxed({ prefix, opcode }: Instruction): boolean {
  return prefix === 0xfd && opcode >= 0x100;
}

/** A module with one function without parameters, whose body these bytes are. */
function moduleOf(...body: number[]): Uint8Array<ArrayBuffer> {
  const code = [1, body.length + 2, 0, ...body, 0x0b];
  return Uint8Array.of(
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...[1, 4, 1, 0x60, 0, 0],
    ...[3, 2, 1, 0],
    ...[5, 3, 1, 0, 1],
    ...[10, code.length, ...code],
  );
}

const zeroVector = [0xfd, 12, ...Array<number>(16).fill(0)];
const drop = 0x1a;

describe.each(["kernels.wasm", "kernels-shared.wasm"])("%s", (name) => {
  const read = async (): Promise<WasmModule> =>
    readWasm(await readFile(new URL(`../../dist/${name}`, import.meta.url)));

  it("holds fixed-width SIMD and no relaxed instruction", async () => {
    const { instructions, functions } = await read();
    expect(functions).toBeGreaterThan(0);
    expect(instructions.filter(({ prefix }) => prefix === 0xfd).length).toBeGreaterThan(0);
    expect(instructions.filter(isRelaxed)).toEqual([]);
  });

  it("imports one memory, shared only where the name says so", async () => {
    const { memories, ownMemories } = await read();
    expect(memories).toHaveLength(1);
    expect(memories[0]).toMatchObject({ name: "env.memory", shared: name === "kernels-shared.wasm", minimum: 1 });
    expect(ownMemories).toBe(0);
  });

  it("calls nothing outside, and keeps nothing between calls", async () => {
    const { importedFunctions, mutableGlobals, dataSegments, instructions } = await read();
    expect(importedFunctions).toEqual([]);
    expect(mutableGlobals).toBe(0);
    expect(dataSegments).toBe(0);
    // memory.grow: the addresses come from the plan, and views would be detached.
    expect(instructions.filter(({ prefix, opcode }) => prefix === 0 && opcode === 0x40)).toEqual([]);
  });
});

it("both builds hold the same functions", async () => {
  const [plain, shared] = await Promise.all(
    ["kernels.wasm", "kernels-shared.wasm"].map(async (name) =>
      WebAssembly.Module.exports(
        await WebAssembly.compile(await readFile(new URL(`../../dist/${name}`, import.meta.url))),
      ),
    ),
  );
  expect(plain).toEqual(shared);
  expect(plain!.every(({ kind }) => kind === "function")).toBe(true);
});

describe("the reader of opcodes", () => {
  it("finds a relaxed instruction behind immediates that look like anything", () => {
    // f32x4.relaxed_madd on vectors whose bytes are themselves `end`, and the prefix and opcode of a relaxed
    // instruction.
    const vector = [0xfd, 12, 0x0b, 0xfd, 0x85, 0x02, ...Array<number>(12).fill(0xfd)];
    const relaxed = [0xfd, 0x85, 0x02];
    const { instructions } = readWasm(moduleOf(...vector, ...vector, ...vector, ...relaxed, drop));
    expect(instructions.map(({ prefix, opcode }) => [prefix, opcode])).toEqual([
      ...Array<number[]>(3).fill([0xfd, 12]),
      [0xfd, 0x105],
      [0, drop],
      [0, 0x0b],
    ]);
    expect(instructions.filter(isRelaxed)).toHaveLength(1);
  });

  it("takes no constant for an instruction", () => {
    const { instructions } = readWasm(
      moduleOf(...[0xfd, 12, ...Array<number[]>(5).fill([0xfd, 0x85, 0x02]).flat(), 0], drop),
    );
    expect(instructions.filter(isRelaxed)).toEqual([]);
  });

  /** One body per kind of immediate; what V8 accepts, the reader must read to the same end. */
  const bodies: [string, number[]][] = [
    ["blocks, loops and branches", [0x02, 0x40, 0x03, 0x40, 0x0c, 1, 0x0b, 0x0b, 0x41, 0, 0x0e, 1, 0, 0]],
    ["if and else", [0x41, 0x80, 0x7f, 0x04, 0x40, 0x01, 0x05, 0x01, 0x0b]],
    [
      "constants",
      [0x42, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, drop, 0x43, 0x0b, 0x0b, 0x0b, 0x0b, drop],
    ],
    ["a double", [0x44, 1, 2, 3, 4, 5, 6, 7, 8, drop]],
    ["select with a type", [0x41, 1, 0x41, 2, 0x41, 3, 0x1c, 1, 0x7f, drop]],
    ["a call", [0x10, 0]],
    ["a load and its offset", [0x41, 0, 0x28, 2, 0x80, 0x01, drop]],
    ["memory.size", [0x3f, 0, drop]],
    ["memory.copy", [0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 10, 0, 0]],
    ["memory.fill", [0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 11, 0]],
    ["a saturating conversion", [0x43, 0, 0, 0, 0, 0xfc, 0, drop]],
    ["v128.load32_splat", [0x41, 0, 0xfd, 9, 2, 4, drop]],
    ["v128.load32_zero", [0x41, 0, 0xfd, 92, 2, 4, drop]],
    ["v128.load32_lane", [0x41, 0, ...zeroVector, 0xfd, 86, 2, 4, 3, drop]],
    ["i8x16.shuffle", [...zeroVector, ...zeroVector, 0xfd, 13, ...Array<number>(16).fill(11), drop]],
    ["f32x4.extract_lane", [...zeroVector, 0xfd, 31, 2, drop]],
    ["f32x4.add", [...zeroVector, ...zeroVector, 0xfd, 0xe4, 0x01, drop]],
    ["an atomic addition", [0x41, 0, 0x41, 1, 0xfe, 0x1e, 2, 0, drop]],
    ["a fence", [0xfe, 3, 0]],
  ];

  it.each(bodies)("reads %s to the end", (_, body) => {
    const binary = moduleOf(...body);
    expect(WebAssembly.validate(binary)).toBe(true);
    const { instructions, functions } = readWasm(binary);
    expect(functions).toBe(1);
    expect(instructions.at(-1)).toMatchObject({ prefix: 0, opcode: 0x0b, offset: binary.length - 1 });
  });

  it("refuses what it does not know", () => {
    expect(() => readWasm(moduleOf(0x27))).toThrow(/opcode 0x27/);
    expect(() => readWasm(moduleOf(0xfd, 0x94, 0x02))).toThrow(/opcode 0xfd 276/);
    expect(() => readWasm(moduleOf(0xfe, 0x4f))).toThrow(/opcode 0xfe 79/);
    expect(() => readWasm(moduleOf(0xfc, 18))).toThrow(/opcode 0xfc 18/);
    expect(() => readWasm(moduleOf(0xfb, 0))).toThrow(/opcode 0xfb/);
    expect(() => readWasm(Uint8Array.of(1, 2, 3, 4))).toThrow(/begin a module/);
    expect(() => readWasm(moduleOf(0x01).subarray(0, -1))).toThrow(/end of the file/);
  });
});
