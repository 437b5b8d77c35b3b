import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { broadcastShapes } from "../shape.ts";
import { pairwiseRows, type OpDefinition } from "./define-op.ts";
import { lowerBinary } from "../lowering/elementwise.ts";
import { sumTo } from "./sum-to.ts";

export const mulOp: OpDefinition<object, 2> = {
  name: "mul",
  rows: pairwiseRows,
  zeros: "few",
  shape: ([a, b]) => broadcastShapes("mul", a, b),
  gradient: (dy, [a, b]) => [sumTo(mul(dy, b), a.shape), sumTo(mul(dy, a), b.shape)],
  lower: (emit, y, [a, b]) => lowerBinary(emit, "mul", y, a, b),
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
 * y = a·b, element by element.  da = dy·b, db = dy·a. Shapes broadcast; the gradient
 * of a stretched axis is summed over it. @throws ShapeError for shapes that do not broadcast.
 */
export function mul(a: Tensor, b: Tensor): Tensor {
  return apply(mulOp, [a, b], {});
}
