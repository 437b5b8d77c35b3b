import { checkOptionNames } from "../arguments.ts";
import type { Slot } from "../graph/update.ts";
import type { Emitter } from "../program/emitter.ts";
import type { UpdateBuffers } from "../program/optimizer.ts";
import { ABOVE_0, checkKind, FROM_0_BELOW_1 } from "../value-kinds.ts";
import { GradientDescent } from "./gradient-descent.ts";

/** RMSprop's settings; all but the learning rate have TensorFlow's defaults. */
export interface RmspropOptions {
  /** Step size, > 0. */
  readonly learningRate: number;
  /** Decay of the mean of squared gradients, in [0, 1); default 0.9. */
  readonly rho?: number;
  /** Share of the last step that each update keeps, in [0, 1); default 0, which needs no velocity. */
  readonly momentum?: number;
  /** Added to the mean of squares under the root, > 0; default 1e-7. */
  readonly epsilon?: number;
  /** For messages and states; default "rmsprop". */
  readonly name?: string;
}

/** RMSprop. In every session that runs it, it has a state of its own: square and, if there is a momentum, velocity. */
export class Rmsprop extends GradientDescent {
  readonly learningRate: number;
  readonly rho: number;
  readonly momentum: number;
  readonly epsilon: number;
  /** The mean of squared gradients and, if there is a momentum, the velocity. */
  override readonly slots: readonly Slot[];

  /** @throws ArgumentError for a setting outside its range. */
  constructor({ learningRate, rho = 0.9, momentum = 0, epsilon = 1e-7, name = "rmsprop" }: RmspropOptions) {
    super(name);
    this.learningRate = checkKind(`${name}: learningRate`, ABOVE_0, learningRate);
    this.rho = checkKind(`${name}: rho`, FROM_0_BELOW_1, rho);
    this.momentum = checkKind(`${name}: momentum`, FROM_0_BELOW_1, momentum);
    this.epsilon = checkKind(`${name}: epsilon`, ABOVE_0, epsilon);
    const square = { name: "square", least: 0 };
    this.slots = momentum === 0 ? [square] : [square, { name: "velocity" }];
  }

  /**
   * Writes the kernel call that moves one variable.
   * @internal
   */
  override emit(emit: Emitter, { variable, gradient, slot }: UpdateBuffers): void {
    const { learningRate, rho, momentum, epsilon } = this;
    const velocity = momentum === 0 ? 0 : slot("velocity");
    emit.call(
      "rmsprop",
      [variable, slot("square"), velocity, gradient, learningRate, rho, momentum, epsilon],
      gradient.size,
    );
  }
}

/**
 * RMSprop (Tieleman & Hinton 2012) as TensorFlow documents it, not centered
 * (https://www.tensorflow.org/api_docs/python/tf/keras/optimizers/RMSprop): s ← ρ·s + (1−ρ)·g²; w ← w − lr·g/√(s + ε);
 * with a momentum μ b ← μ·b + lr·g/√(s + ε) and w ← w − b.
 * @throws ArgumentError for a setting outside its range.
 */
export function rmsprop(options: RmspropOptions): Rmsprop {
  checkOptionNames("rmsprop", options, ["learningRate", "rho", "momentum", "epsilon", "name"]);
  return new Rmsprop(options);
}
