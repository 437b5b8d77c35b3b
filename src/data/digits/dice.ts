import type { RandomWords } from "../../random/words.ts";

/** Random numbers read one after the other, a function of the words behind them: (seed, image) for a drawn digit. */
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
   * Near enough to a normal: the sum of three uniform numbers, scaled to the given mean and standard deviation. It never
   * leaves mean ± 3 deviations, and needs no logarithm, which engines would round differently.
   */
  around(mean: number, deviation: number): number {
    const sum = this.between(0, 1) + this.between(0, 1) + this.between(0, 1);
    return mean + deviation * (2 * sum - 3);
  }
}
