import type { AdamSettings } from "../../../src/engine/optim/index.ts";

/** One variable's Adam in float64, as TensorFlow's documentation writes it. */
export class ReferenceAdam {
  readonly m: Float64Array;
  readonly v: Float64Array;
  readonly #settings: AdamSettings;
  #t = 0;

  constructor(settings: AdamSettings, size: number) {
    this.#settings = settings;
    this.m = new Float64Array(size);
    this.v = new Float64Array(size);
  }

  /** Moves w by its gradient. */
  step(w: Float64Array, g: ArrayLike<number>): void {
    const { learningRate, beta1, beta2, epsilon } = this.#settings;
    const { m, v } = this;
    this.#t++;
    const rate = (learningRate * Math.sqrt(1 - beta2 ** this.#t)) / (1 - beta1 ** this.#t);
    for (let i = 0; i < w.length; i++) {
      m[i] = beta1 * m[i]! + (1 - beta1) * g[i]!;
      v[i] = beta2 * v[i]! + (1 - beta2) * g[i]! ** 2;
      w[i]! -= (rate * m[i]!) / (Math.sqrt(v[i]!) + epsilon);
    }
  }
}
