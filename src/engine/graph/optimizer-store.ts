import type { Variable } from "./tensor.ts";
import type { Optimizer, Update } from "./update.ts";

/** An optimizer of a graph, and all variables that its updates move. */
export interface GraphOptimizer {
  readonly optimizer: Optimizer;
  /** In the order in which the updates first name them. */
  readonly variables: readonly Variable[];
}

/** The optimizers of a graph, each under a name of its own. */
export class OptimizerStore {
  readonly byName: Map<string, GraphOptimizer> = new Map();

  /** Records the optimizer of an update, or adds to the variables of an optimizer that is known. */
  add({ optimizer, variables }: Update): void {
    const name = this.#nameOf(optimizer);
    const known = this.byName.get(name)?.variables ?? [];
    this.byName.set(name, { optimizer, variables: [...new Set([...known, ...variables])] });
  }

  /** An optimizer's name here. A new optimizer gets the first free name of its own, its own with "_1", with "_2", … */
  #nameOf(optimizer: Optimizer): string {
    for (let count = 0; ; count++) {
      const name = count === 0 ? optimizer.name : `${optimizer.name}_${count}`;
      const entered = this.byName.get(name);
      if (entered === undefined || entered.optimizer === optimizer) return name;
    }
  }
}
