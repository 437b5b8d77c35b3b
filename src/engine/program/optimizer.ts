import { GraphError } from "../errors.ts";
import type { Optimizer } from "../graph/update.ts";
import type { Buffer } from "./buffer.ts";
import type { Emitter } from "./emitter.ts";

/** What one variable's update reads and writes; a slot and the gradient lie as the variable does. */
export interface UpdateBuffers {
  readonly variable: Buffer;
  readonly gradient: Buffer;
  /** The optimizer's slot of this name. */
  readonly slot: (name: string) => Buffer;
  /** One float: the optimizer's scalar of this name for this update. */
  readonly scalar: (name: string) => Buffer;
}

/** An optimizer that can be run: it knows its kernel. */
export interface OptimizerDefinition extends Optimizer {
  /** Writes the kernel calls that move one variable. */
  emit(emit: Emitter, buffers: UpdateBuffers): void;
}

/** The optimizer with its kernel. @throws GraphError where it has none. */
export function definitionOf(optimizer: Optimizer): OptimizerDefinition {
  if (isDefinition(optimizer)) return optimizer;
  throw new GraphError(`optimizer ${optimizer.name} cannot be run: it has no kernels`);
}

function isDefinition(optimizer: Optimizer): optimizer is OptimizerDefinition {
  return "emit" in optimizer;
}
