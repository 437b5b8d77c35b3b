import { lowerableRoots } from "../../src/engine/compile/compile-program.ts";
import { inOrder } from "../../src/engine/compile/passes/traverse.ts";
import type { RewriteSwitches } from "../../src/engine/compile/rewrites/index.ts";
import type { Tensor } from "../../src/engine/graph/tensor.ts";
import { shapesOf } from "../support/gradient-check.ts";
import type { Fed } from "../support/kernel-proof.ts";
import { interpret } from "../support/reference/interpret.ts";

/** All nodes of the rewritten roots. */
export function compiled(roots: readonly Tensor[], fed: Fed, rewrites: RewriteSwitches): readonly Tensor[] {
  return inOrder(lowerableRoots(roots, { feedShapes: shapesOf(roots[0]!, fed), rewrites }));
}

/** The difference of the roots' float64 values under two sets of switches, relative to each root's largest. */
export function largestDifference(
  roots: readonly Tensor[],
  fed: Fed,
  first: RewriteSwitches,
  second: RewriteSwitches,
): number {
  const feedShapes = shapesOf(roots[0]!, fed);
  const [a, b] = [first, second].map((rewrites) => interpret(lowerableRoots(roots, { feedShapes, rewrites }), fed));
  const differences = a!.map(({ data }, root) => {
    const largest = Math.max(1e-3, ...data.map(Math.abs));
    return Math.max(...data.map((value, i) => Math.abs(value - b![root]!.data[i]!) / largest));
  });
  return Math.max(...differences);
}
