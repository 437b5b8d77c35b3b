import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { broadcastShapes } from "../shape.ts";
import { pairwiseRows, type OpDefinition } from "./define-op.ts";
import { greaterEqual } from "./gradients/greater-equal.ts";
import { lowerBinary } from "../lowering/elementwise.ts";
import { mul } from "./mul.ts";
import { sub } from "./sub.ts";
import { sumTo } from "./sum-to.ts";

export const maximumOp: OpDefinition<object, 2> = {
  name: "maximum",
  rows: pairwiseRows,
  zeros: "few",
  shape: ([a, b]) => broadcastShapes("maximum", a, b),
  gradient(dy, [a, b]) {
    const da = mul(dy, greaterEqual(a, b));
    return [sumTo(da, a.shape), sumTo(sub(dy, da), b.shape)];
  },
  lower: (emit, y, [a, b]) => lowerBinary(emit, "maximum", y, a, b),
  cases: [
    {
      inputs: [
        [2, 3],
        [2, 3],
      ],
      attributes: {},
    },
    {
      inputs: [
        [2, 1, 3],
        [4, 1],
      ],
      attributes: {},
    },
  ],
};

/**
 * y = max(a, b), element by element; NaN where either is. The gradient goes to the larger, of a tie to a. Shapes
 * broadcast. @throws ShapeError for shapes that do not.
 */
export function maximum(a: Tensor, b: Tensor): Tensor {
  return apply(maximumOp, [a, b], {});
}
