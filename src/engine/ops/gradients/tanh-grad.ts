import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { partOfGradient, type OpDefinition } from "../define-op.ts";
import { lowerUnaryGrad } from "../../lowering/elementwise.ts";

export const tanhGradOp: OpDefinition<object, 2> = {
  ...partOfGradient("tanhGrad"),
  zeros: "few",
  shape: ([dy]) => dy,
  lower: (emit, dx, [dy, y]) => lowerUnaryGrad(emit, "tanhGrad", dx, dy, y),
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

/** dx = dy·(1 − y²), from tanh's result y. */
export function tanhGrad(dy: Tensor, y: Tensor): Tensor {
  return apply(tanhGradOp, [dy, y], {});
}
