import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { OpDefinition } from "../define-op.ts";
import { lowerUnaryGrad } from "../../lowering/elementwise.ts";
import { onceOnly } from "./once-only.ts";

export const absGradOp: OpDefinition<object, 2> = {
  name: "absGrad",
  shape: ([dy]) => dy,
  gradient: onceOnly("absGrad"),
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
