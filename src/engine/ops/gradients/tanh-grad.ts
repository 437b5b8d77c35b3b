import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { OpDefinition } from "../define-op.ts";
import { lowerUnaryGrad } from "../../lowering/elementwise.ts";
import { onceOnly } from "./once-only.ts";

export const tanhGradOp: OpDefinition<object, 2> = {
  name: "tanhGrad",
  shape: ([dy]) => dy,
  gradient: onceOnly("tanhGrad"),
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
