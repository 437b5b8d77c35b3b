import { UnsupportedError } from "../errors.ts";

/** Every buffer starts at a multiple of this many bytes: a cache line. */
export const ALIGNMENT = 64;

/** Addresses below this one stay unused: AssemblyScript reserves them, and 0 reads as "no buffer". */
const RESERVED_BYTES = 1024;

/** A page of WASM memory. */
export const PAGE_BYTES = 65536;

/** Rounds up to the alignment. */
export function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/**
 * The one WASM memory of a session.
 *
 * ```
 * 0        1024                              arenaBase                     plannedBytes
 * │reserved│ variables, moments, tables … → │ arena, shared by all programs │
 * ```
 *
 * An allocation is never freed. The arena holds what lives within one run. When an allocation moves its base, programs
 * notice and resolve their addresses again.
 */
export class Memory {
  readonly #memory: WebAssembly.Memory;
  readonly #tables = new Map<string, number>();
  #allocatedEnd = RESERVED_BYTES;
  #arenaBytes = 0;
  #floats: Float32Array;

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
    this.#floats = new Float32Array(memory.buffer);
  }

  /** Start of the arena, in bytes. */
  get arenaBase(): number {
    return this.#allocatedEnd;
  }

  /** Bytes planned so far: all allocations and the largest arena. */
  get plannedBytes(): number {
    return this.#allocatedEnd + this.#arenaBytes;
  }

  /** Bytes the WASM memory has, in whole pages of 64 KiB. */
  get committedBytes(): number {
    return this.#memory.buffer.byteLength;
  }

  /** The whole memory as floats. Made again only after the memory has grown; do not keep it. */
  get floats(): Float32Array {
    if (this.#floats.buffer !== this.#memory.buffer) this.#floats = new Float32Array(this.#memory.buffer);
    return this.#floats;
  }

  /**
   * Allocates `bytes` for good; their content is undefined. Returns the address.
   * @throws UnsupportedError where the engine refuses the memory; the plan then stays as it was.
   */
  allocate(bytes: number): number {
    const address = this.#allocatedEnd;
    const end = address + align(bytes);
    this.#commit(end + this.#arenaBytes);
    this.#allocatedEnd = end;
    return address;
  }

  /** Makes the arena at least this large. @throws UnsupportedError where the engine refuses the memory. */
  reserveArena(bytes: number): void {
    const arenaBytes = Math.max(this.#arenaBytes, align(bytes));
    this.#commit(this.#allocatedEnd + arenaBytes);
    this.#arenaBytes = arenaBytes;
  }

  /** The address of a constant table with this content; equal tables are stored once. */
  table(values: Int32Array | Float32Array): number {
    const words = new Int32Array(values.buffer, values.byteOffset, values.length);
    const key = words.join();
    const known = this.#tables.get(key);
    if (known !== undefined) return known;
    const address = this.allocate(words.byteLength);
    new Int32Array(this.#memory.buffer, address, words.length).set(words);
    this.#tables.set(key, address);
    return address;
  }

  #commit(plannedBytes: number): void {
    const missing = plannedBytes - this.committedBytes;
    if (missing <= 0) return;
    try {
      this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
    } catch (cause) {
      const mebibytes = Math.ceil(plannedBytes / 1048576);
      throw new UnsupportedError(`the engine gives WebAssembly no more memory: ${mebibytes} MiB are needed`, { cause });
    }
  }
}
