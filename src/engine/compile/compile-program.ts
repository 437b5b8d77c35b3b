import type { Tensor } from "../graph/tensor.ts";
import type { Update } from "../graph/update.ts";
import type { Shape } from "../shape.ts";
import type { Program } from "../program/program.ts";
import { lower, type LayoutOf } from "./lower.ts";
import { expandGradients } from "./passes/expand-gradients.ts";
import { specialize } from "./passes/specialize.ts";
import { rewriteBackward, rewriteForward, type RewriteSwitches } from "./rewrites/index.ts";

/** The request of a run, in terms of the user's graph. */
export interface ProgramRequest {
  readonly fetches: readonly Tensor[];
  readonly updates: readonly Update[];
  readonly feedShapes: ReadonlyMap<string, Shape>;
  readonly rewrites: RewriteSwitches;
  /** The layout of each variable; default plain. */
  readonly layoutOf?: LayoutOf;
  /** Number of threads that will run it; default 1. */
  readonly threads?: number;
}

/**
 * Compiles a run: prune and fix the shapes, rewrite the forward graph, expand the gradients, rewrite again, lower to
 * kernel calls, plan the memory. The program is data: it takes no memory and names what it needs.
 */
export function compileProgram(request: ProgramRequest): Program {
  const { fetches, updates, layoutOf, threads } = request;
  const roots = lowerableRoots([...fetches, ...updates.flatMap(({ gradients }) => gradients)], request);
  const moved = updates.flatMap(({ optimizer, variables }) => variables.map(({ name }) => ({ optimizer, name })));
  const steps = moved.map(({ optimizer, name }, i) => ({
    optimizer,
    variable: name,
    gradient: roots[fetches.length + i]!,
  }));
  return lower(roots.slice(0, fetches.length), steps, layoutOf, threads);
}

/** The same roots in a graph of known shapes, after all passes. */
export function lowerableRoots(
  roots: readonly Tensor[],
  { feedShapes, rewrites }: Pick<ProgramRequest, "feedShapes" | "rewrites">,
): readonly Tensor[] {
  const forward = rewriteForward(specialize(roots, feedShapes), rewrites);
  return rewriteBackward(expandGradients(forward), rewrites);
}
