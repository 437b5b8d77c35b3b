import type { Tensor } from "../../graph/tensor.ts";
import { concrete, type Shape } from "../../shape.ts";
import { countUses, inOrder, rebuild } from "../passes/traverse.ts";

/** What a rewrite may ask about the node at hand. */
export interface Site {
  /** The node, with its inputs as they were. */
  readonly node: Tensor;
  /** What has taken a tensor's place. */
  readonly successor: (of: Tensor) => Tensor;
  /** How many inputs a tensor is; roots count once more. */
  readonly uses: (of: Tensor) => number;
}

/**
 * A pattern and what takes its place: the same mathematics in fewer or cheaper operations; undefined: no match. One
 * that asks for uses must leave every bit as it is, of values and of gradients, or bits would depend on what else is
 * fetched.
 */
export type Rewrite = (site: Site) => Tensor | undefined;

/** The shapes of a node's inputs, all known. */
export function inputShapes({ inputs }: Tensor): readonly Shape[] {
  return inputs.map(({ shape }) => concrete(shape));
}

/**
 * Whether a tensor is computed from one of the others. A bias that is may not join its product: the gradients that meet
 * at the other are added in the order in which the walk from the loss meets those who read it, and joined they are met
 * earlier.
 */
export function isMadeOf(x: Tensor, others: readonly Tensor[]): boolean {
  return inOrder([x]).some((node) => others.includes(node));
}

/** Applies a rewrite wherever it matches. */
export function applyRewrite(rewrite: Rewrite, roots: readonly Tensor[]): Tensor[] {
  const counts = countUses(inOrder(roots));
  for (const root of roots) counts.set(root, (counts.get(root) ?? 0) + 1);
  return rebuild(roots, (node, successor) => rewrite({ node, successor, uses: (of) => counts.get(of) ?? 0 }));
}
