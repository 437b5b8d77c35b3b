import type { Sgd } from "../../../src/engine/optim/index.ts";

/** One variable's gradient descent in float64, as PyTorch's documentation of torch.optim.SGD writes it. */
export class ReferenceSgd {
  readonly velocity: Float64Array;
  readonly #settings: Pick<Sgd, "learningRate" | "momentum" | "nesterov">;
  #t = 0;

  constructor(settings: Pick<Sgd, "learningRate" | "momentum" | "nesterov">, size: number) {
    this.#settings = settings;
    this.velocity = new Float64Array(size);
  }

  /** Moves w by its gradient. */
  step(w: Float64Array, g: ArrayLike<number>): void {
    const { learningRate, momentum, nesterov } = this.#settings;
    this.#t++;
    for (let i = 0; i < w.length; i++) {
      let direction = g[i]!;
      if (momentum !== 0) {
        const b = this.#t > 1 ? momentum * this.velocity[i]! + g[i]! : g[i]!;
        this.velocity[i] = b;
        direction = nesterov ? g[i]! + momentum * b : b;
      }
      w[i]! -= learningRate * direction;
    }
  }
}
