import type { Tensor } from "../graph/tensor.ts";
import type { Memory } from "../runtime/memory.ts";
import type { Shape } from "../shape.ts";
import type { Program } from "../program/program.ts";
import { lower, type UpdateStep, type PlaceOf } from "./lower.ts";
import { expandGradients } from "./passes/expand-gradients.ts";
import { specialize } from "./passes/specialize.ts";
import { rewriteBackward, rewriteForward, type RewriteSwitches } from "./rewrites/index.ts";

/** What a run asks for, in terms of the user's graph. */
export interface ProgramRequest {
  readonly fetches: readonly Tensor[];
  readonly updates: readonly UpdateStep[];
  readonly feedShapes: ReadonlyMap<string, Shape>;
  readonly rewrites: RewriteSwitches;
  /** How many threads will run it; default 1. */
  readonly threads?: number;
}

/**
 * Compiles a run: prune and fix the shapes, rewrite the forward graph, expand the gradients, rewrite again, lower to
 * kernel calls, plan the memory.
 */
export function compileProgram(request: ProgramRequest, memory: Memory, placeOf: PlaceOf): Program {
  const { fetches, updates, threads = 1 } = request;
  const roots = lowerableRoots([...fetches, ...updates.map(({ gradient }) => gradient)], request);
  const steps = updates.map((update, i) => ({ ...update, gradient: roots[fetches.length + i]! }));
  return lower(roots.slice(0, fetches.length), steps, memory, placeOf, threads);
}

/** The same roots in a graph of known shapes, after all passes. */
export function lowerableRoots(
  roots: readonly Tensor[],
  { feedShapes, rewrites }: Pick<ProgramRequest, "feedShapes" | "rewrites">,
): readonly Tensor[] {
  const forward = rewriteForward(specialize(roots, feedShapes), rewrites);
  return rewriteBackward(expandGradients(forward), rewrites);
}
