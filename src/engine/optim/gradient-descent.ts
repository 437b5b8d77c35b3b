import { checkList } from "../arguments.ts";
import { ArgumentError, GraphError } from "../errors.ts";
import { gradients } from "../graph/gradients.ts";
import { Variable, type Tensor } from "../graph/tensor.ts";
import { Update, type Optimizer, type ScalarSeries, type Slot } from "../graph/update.ts";
import type { Emitter } from "../program/emitter.ts";
import type { UpdateBuffers } from "../program/optimizer.ts";

/**
 * The common parts of all optimizers: a name, and `minimize`. Each session that runs their updates has their state.
 * They are `OptimizerDefinition`s; `emit` is internal and not in the published types.
 */
export abstract class GradientDescent implements Optimizer {
  readonly name: string;
  /** Values that are kept of each variable from update to update. */
  abstract readonly slots: readonly Slot[];
  /** Names of the numbers that differ from update to update. */
  readonly scalars: readonly string[] = [];

  /** @throws ArgumentError for a name that is empty or no text. */
  constructor(name: string) {
    if (typeof name !== "string" || name === "") {
      throw new ArgumentError(`optim: name ${JSON.stringify(name)} is not a text of one letter or more`);
    }
    this.name = name;
  }

  /** The scalars of the updates t+1, t+2, …, in the order of their names. */
  scalarsAfter(_t: number): ScalarSeries {
    return () => [];
  }

  /**
   * Writes the kernel call that moves one variable.
   * @internal
   */
  abstract emit(emit: Emitter, buffers: UpdateBuffers): void;

  /**
   * The training step that lowers a scalar loss over these variables; fetch it to apply it.
   * @throws ArgumentError for an empty list of variables or one named twice; GraphError for an entry that is no
   *   variable, and unless loss is a scalar.
   */
  minimize(loss: Tensor, variables: readonly Variable[]): Update {
    checkList(`${this.name}: variables`, variables);
    if (variables.length === 0) throw new ArgumentError(`${this.name}: there is no variable to train`);
    variables.forEach((variable: Tensor) => {
      if (!(variable instanceof Variable)) throw new GraphError(`${this.name}: ${String(variable)} is not a variable`);
    });
    const twice = variables.find((variable, i) => variables.indexOf(variable) !== i);
    if (twice !== undefined) throw new ArgumentError(`${this.name}: variable ${twice.name} is named twice`);
    const update = new Update(this, variables, gradients(loss, variables));
    loss.graph.enterUpdate(update);
    return update;
  }
}
