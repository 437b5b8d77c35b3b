import { checkOptionNames } from "../arguments.ts";
import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { sizeOf, type Shape } from "../shape.ts";
import type { OpDefinition } from "./define-op.ts";
import { broadcastTo } from "./gradients/broadcast-to.ts";
import { expandDims } from "./gradients/expand-dims.ts";
import { scale } from "./gradients/scale.ts";
import { lowerSum, reducedShape, type ReduceAttributes } from "../lowering/reduce.ts";

export const meanOp: OpDefinition<ReduceAttributes, 1> = {
  name: "mean",
  rows: 0,
  zeros: "few",
  shape: ([x], attributes) => reducedShape("mean", x, attributes),
  gradient(dy, [x], { axes }) {
    const count = sizeOf(x.shape as Shape) / sizeOf(dy.shape as Shape);
    return [broadcastTo(expandDims("mean", scale(dy, 1 / count), x, axes), x.shape as Shape)];
  },
  lower: (emit, y, [x], { axes }) => lowerSum(emit, "mean", y, x, axes, true),
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
 * y = the mean of x over the axes (default all): the sum of `sum`, divided once.  dx = dy / count, broadcast.
 * @throws ArgumentError for an axis that x does not have or that is named twice.
 */
export function mean(x: Tensor, attributes: ReduceAttributes = {}): Tensor {
  checkOptionNames("mean", attributes, ["axes", "keepDims"]);
  return apply(meanOp, [x], attributes);
}
