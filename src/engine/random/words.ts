import { philox, uniform, type PhiloxKey } from "./philox.ts";

const TWO_TO_32 = 0x1_0000_0000;
const WORDS_PER_BLOCK = 4;

/**
 * The random words of one (seed, stream, step), by index: word i is lane i mod 4 of block i / 4. The last block is
 * kept, so that reading in order computes each block once. The result of a call never depends on the calls before it.
 */
export class RandomWords {
  readonly #key: PhiloxKey;
  readonly #step: number;
  readonly #stream: number;
  readonly #words = new Uint32Array(WORDS_PER_BLOCK);
  #block = -1;

  /** `step` is the step, epoch or image the words belong to, below 2³². */
  constructor(key: PhiloxKey, stream: number, step: number) {
    this.#key = key;
    this.#stream = stream;
    this.#step = step;
  }

  /** Word `index`, an integer from 0 to 2³²−1. */
  word(index: number): number {
    const block = Math.floor(index / WORDS_PER_BLOCK);
    if (block !== this.#block) {
      philox(this.#words, this.#key, block, this.#step, 0, this.#stream);
      this.#block = block;
    }
    return this.#words[index % WORDS_PER_BLOCK]!;
  }

  /** Word `index` as a float64 in [0, 1). */
  uniform(index: number): number {
    return uniform(this.word(index));
  }

  /**
   * An integer from 0 to limit−1, 1 ≤ limit ≤ 2³², each equally likely: words at or above the largest multiple of
   * `limit` are rejected and drawn again from the same block and lane with attempt + 1.
   */
  below(index: number, limit: number): number {
    const fair = TWO_TO_32 - (TWO_TO_32 % limit);
    let word = this.word(index);
    for (let attempt = 1; word >= fair; attempt++) word = this.#retry(index, attempt);
    return word % limit;
  }

  #retry(index: number, attempt: number): number {
    const words = new Uint32Array(WORDS_PER_BLOCK);
    philox(words, this.#key, Math.floor(index / WORDS_PER_BLOCK), this.#step, attempt, this.#stream);
    return words[index % WORDS_PER_BLOCK]!;
  }
}
