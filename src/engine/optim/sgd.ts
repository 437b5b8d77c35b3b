import { checkOptionNames } from "../arguments.ts";
import { ArgumentError } from "../errors.ts";
import type { Slot } from "../graph/update.ts";
import type { Emitter } from "../program/emitter.ts";
import type { UpdateBuffers } from "../program/optimizer.ts";
import { ABOVE_0, checkKind, FROM_0_BELOW_1, trueOrFalse } from "../value-kinds.ts";
import { GradientDescent } from "./gradient-descent.ts";

/** Settings of stochastic gradient descent. */
export interface SgdOptions {
  /** Step size, > 0. */
  readonly learningRate: number;
  /** Share of the velocity that each update keeps, in [0, 1); default 0, which needs no velocity. */
  readonly momentum?: number;
  /** True for Nesterov's step, which looks ahead by the momentum; default false. */
  readonly nesterov?: boolean;
  /** For messages and states; default "sgd". */
  readonly name?: string;
}

/** Stochastic gradient descent. With a momentum it has a state of its own (velocity) in every session. */
export class Sgd extends GradientDescent {
  readonly learningRate: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  /** The velocity, if there is a momentum. */
  override readonly slots: readonly Slot[];

  /** @throws ArgumentError for a setting outside its range. */
  constructor({ learningRate, momentum = 0, nesterov = false, name = "sgd" }: SgdOptions) {
    super(name);
    this.learningRate = checkKind(`${name}: learningRate`, ABOVE_0, learningRate);
    this.momentum = checkKind(`${name}: momentum`, FROM_0_BELOW_1, momentum);
    this.nesterov = checkKind(`${name}: nesterov`, trueOrFalse, nesterov);
    if (nesterov && momentum === 0) throw new ArgumentError(`${name}: nesterov needs a momentum above 0`);
    this.slots = momentum === 0 ? [] : [{ name: "velocity" }];
  }

  /**
   * Writes the kernel call that moves one variable.
   * @internal
   */
  override emit(emit: Emitter, { variable, gradient, slot }: UpdateBuffers): void {
    const { learningRate, momentum, nesterov } = this;
    const velocity = momentum === 0 ? 0 : slot("velocity");
    emit.call("sgd", [variable, velocity, gradient, learningRate, momentum, Number(nesterov)], gradient.size);
  }
}

/**
 * Stochastic gradient descent as PyTorch defines it
 * (https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html, without dampening): w ← w − lr·g; with a
 * momentum μ b ← μ·b + g and w ← w − lr·b; with Nesterov's w ← w − lr·(g + μ·b). TensorFlow's keeps lr·b as its
 * velocity, which is the same while the learning rate stays.
 * @throws ArgumentError for a setting outside its range, and for `nesterov` without a momentum.
 */
export function sgd(options: SgdOptions): Sgd {
  checkOptionNames("sgd", options, ["learningRate", "momentum", "nesterov", "name"]);
  return new Sgd(options);
}
