import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { partOfGradient, type OpDefinition } from "../define-op.ts";
import { lowerUnaryGrad } from "../../lowering/elementwise.ts";

export const reluGradOp: OpDefinition<object, 2> = {
  ...partOfGradient("reluGrad"),
  zeros: "many",
  shape: ([dy]) => dy,
  lower: (emit, dx, [dy, y]) => lowerUnaryGrad(emit, "reluGrad", dx, dy, y),
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

/** dx = dy where relu's result y > 0, else 0. */
export function reluGrad(dy: Tensor, y: Tensor): Tensor {
  return apply(reluGradOp, [dy, y], {});
}
