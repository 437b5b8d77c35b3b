import { checkOptionNames } from "../arguments.ts";
import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { lowerSum, reducedShape, type ReduceAttributes } from "../lowering/reduce.ts";
import { concrete, sizeOf } from "../shape.ts";
import { scale } from "./arithmetic.ts";
import { reductionCases } from "./cases.ts";
import type { OpDefinition } from "./define-op.ts";
import { broadcastTo, expandDims } from "./sum.ts";

export const meanOp: OpDefinition<ReduceAttributes, 1> = {
  name: "mean",
  rows: 0,
  zeros: "few",
  shape: ([x], attributes) => reducedShape("mean", x, attributes),
  gradient(dy, [x], { axes }) {
    const shape = concrete(x.shape);
    const count = sizeOf(shape) / sizeOf(concrete(dy.shape));
    return [broadcastTo(expandDims("mean", scale(dy, 1 / count), x, axes), shape)];
  },
  lower: (emit, y, [x], { axes }) => lowerSum(emit, "mean", y, x, axes, true),
  cases: reductionCases,
};

/**
 * y = the mean of x over the axes (default all): the sum of `sum`, divided once.  dx = dy / count, broadcast.
 * @throws ArgumentError for an axis that x does not have or that is named twice.
 */
export function mean(x: Tensor, attributes: ReduceAttributes = {}): Tensor {
  checkOptionNames("mean", attributes, ["axes", "keepDims"]);
  return apply(meanOp, [x], attributes);
}
