import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { partOfGradient, type OpDefinition } from "../define-op.ts";
import { lowerUnaryGrad } from "../../lowering/elementwise.ts";

export const sigmoidGradOp: OpDefinition<object, 2> = {
  ...partOfGradient("sigmoidGrad"),
  zeros: "few",
  shape: ([dy]) => dy,
  lower: (emit, dx, [dy, y]) => lowerUnaryGrad(emit, "sigmoidGrad", dx, dy, y),
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

/** dx = dy·y·(1 − y), from sigmoid's result y. */
export function sigmoidGrad(dy: Tensor, y: Tensor): Tensor {
  return apply(sigmoidGradOp, [dy, y], {});
}
