import type { Attributes } from "../graph/operation.ts";
import type { PoolAttributes } from "../lowering/pool-shape.ts";
import type { ReduceAttributes } from "../lowering/reduce.ts";
import type { Shape } from "../shape.ts";
import type { Cases } from "./define-op.ts";

/**
 * A case of an operation: the shapes of its inputs, then its attributes, as in `on([2, 4, 5, 2], [3, 3, 2, 3],
 * attributes)`.
 */
export function on<const S extends readonly Shape[], const A extends Attributes>(
  ...given: readonly [...shapes: S, attributes: A]
): { readonly inputs: S; readonly attributes: A };
export function on(...given: readonly (Shape | Attributes)[]): { inputs: unknown; attributes: unknown } {
  return { inputs: given.slice(0, -1), attributes: given[given.length - 1] };
}

/** The cases of reductions: all axes, one from either end, several, kept or not. */
export function reductionCases(): Cases<ReduceAttributes, 1> {
  return [
    on([2, 3, 4], {}),
    on([2, 3, 4], { axes: [0] }),
    on([2, 3, 4], { axes: [-1] }),
    on([2, 3, 4], { axes: [1], keepDims: true }),
    on([2, 3, 4], { axes: [0, 2] }),
    on([2, 1, 4], { axes: [0, 1], keepDims: true }),
  ];
}

/** The cases of pools: windows that fit, that are cut off at a border, that overlap, and that stay inside. */
export function poolCases(): Cases<PoolAttributes, 1> {
  return [
    on([2, 4, 4, 3], { window: [2, 2], strides: [2, 2], padding: "same" }),
    on([1, 5, 3, 2], { window: [2, 2], strides: [2, 2], padding: "same" }),
    on([1, 5, 6, 1], { window: [3, 2], strides: [1, 2], padding: "same" }),
    on([2, 5, 5, 4], { window: [3, 3], strides: [2, 2], padding: "valid" }),
  ];
}
