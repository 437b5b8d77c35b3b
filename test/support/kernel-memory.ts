import { instantiateKernels, type Kernels, type KernelSource } from "../../src/engine/runtime/kernels.ts";

/** A NaN. If a kernel reads a guard word, its result shows it. */
const GUARD = 0x7fc0dead;
const GUARD_WORDS = 5;
const FIRST_WORD = 16;
const PAGE_BYTES = 65536;

export type Values = Float32Array | Int32Array;

/**
 * Buffers in the kernels' memory, one after the other, each between guard words and aligned to 4 bytes only, as the
 * inside of a chunk is.
 */
export class KernelMemory {
  readonly kernels: Kernels;
  readonly #floats: Float32Array;
  readonly #words: Uint32Array;
  #buffers: { first: number; length: number }[] = [];

  private constructor(kernels: Kernels, memory: WebAssembly.Memory) {
    this.kernels = kernels;
    this.#floats = new Float32Array(memory.buffer);
    this.#words = new Uint32Array(memory.buffer);
  }

  static async create(megabytes = 8, source: KernelSource = {}): Promise<KernelMemory> {
    const { kernels, memory } = await instantiateKernels(source);
    memory.grow((megabytes << 20) / PAGE_BYTES);
    return new KernelMemory(kernels, memory);
  }

  /** The memory's end, in bytes. */
  get end(): number {
    return this.#words.byteLength;
  }

  /** Forgets all buffers. */
  reset(): void {
    this.#buffers = [];
  }

  /**
   * Makes a buffer of this content, or of this number of words that hold the guard's NaN. Returns its address in bytes.
   */
  place(content: Values | number): number {
    const length = typeof content === "number" ? content : content.length;
    const last = this.#buffers.at(-1);
    const first = GUARD_WORDS + (last === undefined ? FIRST_WORD : last.first + last.length);
    if (first + length + GUARD_WORDS > this.#words.length) throw new RangeError(`${length} words do not fit`);
    this.#words.fill(GUARD, first - GUARD_WORDS, first + length + GUARD_WORDS);
    this.#buffers.push({ first, length });
    if (typeof content !== "number") this.write(4 * first, content);
    return 4 * first;
  }

  write(address: number, values: Values): void {
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
    this.#words.set(bits, address / 4);
  }

  /** A copy of the words at the address, as bits. */
  bits(address: number, length: number): Uint32Array {
    return this.#words.slice(address / 4, address / 4 + length);
  }

  /** A copy of the floats at the address. */
  floats(address: number, length: number): Float32Array {
    return this.#floats.slice(address / 4, address / 4 + length);
  }

  /** Throws if a word beside a buffer was overwritten. */
  checkGuards(label: string): void {
    for (const { first, length } of this.#buffers) {
      for (let i = 1; i <= GUARD_WORDS; i++) {
        if (this.#words[first - i] !== GUARD) throw new Error(`${label}: overwrote word ${i} before a buffer`);
        if (this.#words[first + length + i - 1] !== GUARD)
          throw new Error(`${label}: overwrote word ${i} past a buffer`);
      }
    }
  }
}
