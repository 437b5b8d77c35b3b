import type { Tensor } from "../../graph/tensor.ts";
import { concrete, type Shape } from "../../shape.ts";
import { countUses, inOrder, rebuild } from "../passes/traverse.ts";

/** A node, and the questions that a rewrite may ask about it. */
export interface Site {
  /** The node, with its inputs as they were. */
  readonly node: Tensor;
  /** The tensor that has replaced another. */
  readonly successor: (of: Tensor) => Tensor;
  /** The number of times that a tensor is an input; roots count once more. */
  readonly uses: (of: Tensor) => number;
}

/**
 * A pattern and its replacement: the same mathematics in fewer or cheaper operations. Undefined means no match. A
 * rewrite that asks for uses must leave every bit of values and gradients as it is, or bits would depend on what else
 * is fetched.
 */
export type Rewrite = (site: Site) => Tensor | undefined;

/** The shapes of a node's inputs, all known. */
export function inputShapes({ inputs }: Tensor): readonly Shape[] {
  return inputs.map(({ shape }) => concrete(shape));
}

/**
 * True if a tensor is computed from one of the others. A bias that is computed from the other operand may not join its
 * product. The gradients that meet at that operand are added in the order in which the walk from the loss meets its
 * readers, and joined readers are met earlier.
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
