import { checkOptionNames } from "../arguments.ts";
import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { reducedShape, reducedView, type ReduceAttributes } from "../lowering/reduce.ts";
import { div, equal, mul } from "./arithmetic.ts";
import { reductionCases } from "./cases.ts";
import type { OpDefinition } from "./define-op.ts";
import { expandDims, sum } from "./sum.ts";

export const maxOp: OpDefinition<ReduceAttributes, 1> = {
  name: "max",
  rows: 0,
  zeros: "few",
  shape: ([x], attributes) => reducedShape("max", x, attributes),
  gradient(dy, [x], { axes }, y) {
    const winners = equal(x, expandDims("max", y, x, axes));
    const share = div(expandDims("max", dy, x, axes), sum(winners, { ...(axes && { axes }), keepDims: true }));
    return [mul(winners, share)];
  },
  lower(emit, y, [x], { axes }) {
    const view = reducedView(emit, "max", x, axes);
    emit.call("maxAxis", [y, view.x, view.outer, view.count, view.inner], view.outer * view.inner);
  },
  cases: reductionCases,
};

/**
 * y = the largest of x over the axes (default all); NaN if one of them is NaN. Ties share the gradient equally, as in
 * TensorFlow's reduce_max. @throws ArgumentError for an axis that x does not have or that is named twice.
 */
export function max(x: Tensor, attributes: ReduceAttributes = {}): Tensor {
  checkOptionNames("max", attributes, ["axes", "keepDims"]);
  return apply(maxOp, [x], attributes);
}
