import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { broadcastShapes } from "../shape.ts";
import { pairwiseRows, type OpDefinition } from "./define-op.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";
import { lowerBinary } from "../lowering/elementwise.ts";
import { sumTo } from "./sum-to.ts";

export const divOp: OpDefinition<object, 2> = {
  name: "div",
  rows: pairwiseRows,
  zeros: "few",
  shape: ([a, b]) => broadcastShapes("div", a, b),
  gradient: (dy, [a, b], _, y) => [sumTo(div(dy, b), a.shape), sumTo(neg(div(mul(dy, y), b)), b.shape)],
  lower: (emit, y, [a, b]) => lowerBinary(emit, "div", y, a, b),
  cases: [
    {
      inputs: [
        [2, 3],
        [2, 3],
      ],
      attributes: {},
      range: [0.5, 2],
    },
    { inputs: [[2, 3, 4], [4]], attributes: {}, range: [0.5, 2] },
    {
      inputs: [
        [2, 1, 3],
        [4, 1],
      ],
      attributes: {},
      range: [0.5, 2],
    },
    { inputs: [[], [3]], attributes: {}, range: [0.5, 2] },
  ],
};

/**
 * y = a / b, element by element.  da = dy / b, db = −dy·y / b. Shapes broadcast; the gradient
 * of a stretched axis is summed over it. @throws ShapeError for shapes that do not broadcast.
 */
export function div(a: Tensor, b: Tensor): Tensor {
  return apply(divOp, [a, b], {});
}
