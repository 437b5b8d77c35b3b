import type { Rmsprop } from "../../../src/engine/optim/index.ts";

type Settings = Pick<Rmsprop, "learningRate" | "rho" | "momentum" | "epsilon">;

/** One variable's RMSprop in float64, as TensorFlow's documentation of tf.keras.optimizers.RMSprop writes it. */
export class ReferenceRmsprop {
  readonly square: Float64Array;
  readonly velocity: Float64Array;
  readonly #settings: Settings;

  constructor(settings: Settings, size: number) {
    this.#settings = settings;
    this.square = new Float64Array(size);
    this.velocity = new Float64Array(size);
  }

  /** Moves w by its gradient. */
  step(w: Float64Array, g: ArrayLike<number>): void {
    const { learningRate, rho, momentum, epsilon } = this.#settings;
    const { square, velocity } = this;
    for (let i = 0; i < w.length; i++) {
      square[i] = rho * square[i]! + (1 - rho) * g[i]! ** 2;
      velocity[i] = momentum * velocity[i]! + (learningRate * g[i]!) / Math.sqrt(square[i]! + epsilon);
      w[i]! -= velocity[i]!;
    }
  }
}
