import type { Tensor, Variable } from "./tensor.ts";

/** Values that an optimizer keeps of a variable between updates: one number for each element, 0 at first. */
export interface Slot {
  /** Its name in states and in checkpoints. */
  readonly name: string;
  /** The least value that may be restored, if there is a limit: a mean of squares is never below 0. */
  readonly least?: number;
}

/** A function that gives the scalars of one update after the other. */
export type ScalarSeries = () => readonly number[];

/** A rule by which gradients move variables. A session holds its state: the slots, and the number of updates t. */
export interface Optimizer {
  /** The name of its state. `Graph.optimizers` says what happens if two optimizers of a graph have one name. */
  readonly name: string;
  readonly slots: readonly Slot[];
  /** Names of the numbers that differ from update to update, such as a corrected learning rate. */
  readonly scalars: readonly string[];
  /** The scalars of the updates t+1, t+2, …, in the order of their names. */
  scalarsAfter(t: number): ScalarSeries;
}

/** A training step. A run that fetches it moves every variable by its gradient. */
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
