import type { Tensor, Variable } from "./tensor.ts";

/** What an optimizer keeps of a variable from update to update: one number for each element, 0 at first. */
export interface Slot {
  /** Names it in states and in checkpoints. */
  readonly name: string;
  /** The least value that may be restored, where there is one: a mean of squares is never below 0. */
  readonly least?: number;
}

/** Gives the scalars of one update after the other. */
export type ScalarSeries = () => readonly number[];

/** How variables move by their gradients. Its state (the slots, and the number of updates t) is a session's. */
export interface Optimizer {
  /** Names its state; `Graph.optimizers` says what happens where two of a graph have one name. */
  readonly name: string;
  readonly slots: readonly Slot[];
  /** Names of the numbers that differ from update to update, such as a corrected learning rate. */
  readonly scalars: readonly string[];
  /** The scalars of the updates t+1, t+2, …, in the order of their names. */
  scalarsAfter(t: number): ScalarSeries;
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
