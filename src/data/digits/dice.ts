import type { RandomWords } from "../../engine/random/words.ts";

const TEN_BITS = 1023;

/** A sequence of random numbers. It is a function of its words: of (seed, image) for a drawn digit. */
export class Dice {
  readonly #words: RandomWords;
  #next = 0;

  constructor(words: RandomWords) {
    this.#words = words;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.#words.uniform(this.#next++);
  }

  /**
   * A nearly normal number: the sum of three uniform numbers, each a ten-bit part of one word, scaled to the given mean
   * and standard deviation. It never leaves mean ± 3 deviations, and needs no logarithm, which engines would round
   * differently.
   */
  around(mean: number, deviation: number): number {
    const word = this.#words.word(this.#next++);
    const sum = ((word & TEN_BITS) + ((word >>> 10) & TEN_BITS) + ((word >>> 20) & TEN_BITS)) / TEN_BITS;
    return mean + deviation * (2 * sum - 3);
  }
}
