import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { broadcastShapes } from "../shape.ts";
import { pairwiseRows, type OpDefinition } from "./define-op.ts";
import { lowerBinary } from "../lowering/elementwise.ts";
import { sumTo } from "./sum-to.ts";

export const addOp: OpDefinition<object, 2> = {
  name: "add",
  rows: pairwiseRows,
  zeros: "few",
  shape: ([a, b]) => broadcastShapes("add", a, b),
  gradient: (dy, [a, b]) => [sumTo(dy, a.shape), sumTo(dy, b.shape)],
  lower: (emit, y, [a, b]) => lowerBinary(emit, "add", y, a, b),
  cases: [
    {
      inputs: [
        [2, 3],
        [2, 3],
      ],
      attributes: {},
    },
    { inputs: [[2, 3, 4], [4]], attributes: {} },
    {
      inputs: [
        [2, 1, 3],
        [4, 1],
      ],
      attributes: {},
    },
    { inputs: [[], [3]], attributes: {} },
  ],
};

/**
 * y = a + b.  da = dy, db = dy. Shapes broadcast; the gradient
 * of a stretched axis is summed over it. @throws ShapeError for shapes that do not broadcast.
 */
export function add(a: Tensor, b: Tensor): Tensor {
  return apply(addOp, [a, b], {});
}
