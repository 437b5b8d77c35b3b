import { checkOptionNames } from "../arguments.ts";
import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Shape } from "../shape.ts";
import type { OpDefinition } from "./define-op.ts";
import { broadcastTo } from "./gradients/broadcast-to.ts";
import { expandDims } from "./gradients/expand-dims.ts";
import { lowerSum, reducedShape, type ReduceAttributes } from "../lowering/reduce.ts";

export const sumOp: OpDefinition<ReduceAttributes, 1> = {
  name: "sum",
  rows: 0,
  zeros: "few",
  shape: ([x], attributes) => reducedShape("sum", x, attributes),
  gradient: (dy, [x], { axes }) => [broadcastTo(expandDims("sum", dy, x, axes), x.shape as Shape)],
  lower: (emit, y, [x], { axes }) => lowerSum(emit, "sum", y, x, axes, false),
  cases: [
    { inputs: [[2, 3, 4]], attributes: {} },
    { inputs: [[2, 3, 4]], attributes: { axes: [0] } },
    { inputs: [[2, 3, 4]], attributes: { axes: [-1] } },
    { inputs: [[2, 3, 4]], attributes: { axes: [1], keepDims: true } },
    { inputs: [[2, 3, 4]], attributes: { axes: [0, 2] } },
    { inputs: [[2, 1, 4]], attributes: { axes: [0, 1], keepDims: true } },
  ],
};

/**
 * y = Σ x over the axes (default all).  dx = dy, broadcast. The order of summation is fixed: blocks of 256, then the
 * blocks' sums in order. @throws ArgumentError for an axis that x does not have or that is named twice.
 */
export function sum(x: Tensor, attributes: ReduceAttributes = {}): Tensor {
  checkOptionNames("sum", attributes, ["axes", "keepDims"]);
  return apply(sumOp, [x], attributes);
}
