import { GraphError } from "../errors.ts";
import type { Optimizer } from "../graph/update.ts";
import type { Buffer } from "./buffer.ts";
import type { Emitter } from "./emitter.ts";

/** The memory that one variable's update reads and writes. A slot and the gradient have the variable's layout. */
export interface UpdateBuffers {
  readonly variable: Buffer;
  readonly gradient: Buffer;
  /** The optimizer's slot of this name. */
  readonly slot: (name: string) => Buffer;
  /** The optimizer's scalar of this name for this update: one float. */
  readonly scalar: (name: string) => Buffer;
}

/** An optimizer that can be run: it knows its kernel. */
export interface OptimizerDefinition extends Optimizer {
  /** Writes the kernel calls that move one variable. */
  emit(emit: Emitter, buffers: UpdateBuffers): void;
}

/** The optimizer with its kernel. @throws GraphError if it has none. */
export function definitionOf(optimizer: Optimizer): OptimizerDefinition {
  if (isDefinition(optimizer)) return optimizer;
  throw new GraphError(`optimizer ${optimizer.name} cannot be run: it has no kernels`);
}

function isDefinition(optimizer: Optimizer): optimizer is OptimizerDefinition {
  return "emit" in optimizer;
}
