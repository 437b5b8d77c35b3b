import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { partOfGradient, type OpDefinition } from "../define-op.ts";
import { lowerUnaryGrad } from "../../lowering/elementwise.ts";

export const absGradOp: OpDefinition<object, 2> = {
  ...partOfGradient("absGrad"),
  zeros: "few",
  shape: ([dy]) => dy,
  lower: (emit, dx, [dy, x]) => lowerUnaryGrad(emit, "absGrad", dx, dy, x),
  cases: [
    {
      inputs: [
        [3, 7],
        [3, 7],
      ],
      attributes: {},
    },
  ],
};

/** dx = dy·sign x, 0 at 0. */
export function absGrad(dy: Tensor, x: Tensor): Tensor {
  return apply(absGradOp, [dy, x], {});
}
