import type { Tensor, Variable } from "./tensor.ts";

/** The constants of Adam (Kingma & Ba 2014, https://arxiv.org/abs/1412.6980, in TensorFlow's form). */
export interface AdamSettings {
  /** Step size, > 0. */
  readonly learningRate: number;
  /** Decay of the first moment, in [0, 1). */
  readonly beta1: number;
  /** Decay of the second moment, in [0, 1). */
  readonly beta2: number;
  /** Added to the root of the second moment, > 0. */
  readonly epsilon: number;
}

/** One optimizer with a state of its own: m, v and the number of updates t, kept by the session under this name. */
export interface Optimizer extends AdamSettings {
  readonly name: string;
}

/** What running a training step fetches: every variable moves by its gradient. */
export class Update {
  readonly optimizer: Optimizer;
  readonly variables: readonly Variable[];
  /** One gradient for each variable. */
  readonly gradients: readonly Tensor[];

  constructor(optimizer: Optimizer, variables: readonly Variable[], gradients: readonly Tensor[]) {
    this.optimizer = optimizer;
    this.variables = variables;
    this.gradients = gradients;
  }
}
