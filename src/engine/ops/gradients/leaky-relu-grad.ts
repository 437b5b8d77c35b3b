import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { partOfGradient, type OpDefinition } from "../define-op.ts";
import type { LeakyReluAttributes } from "../leaky-relu.ts";

export const leakyReluGradOp: OpDefinition<LeakyReluAttributes, 2> = {
  ...partOfGradient("leakyReluGrad"),
  zeros: "few",
  shape: ([dy]) => dy,
  lower(emit, dx, [dy, x], { slope }) {
    emit.inPlace(dx, dy);
    emit.call("leakyReluGrad", [dx, dy, x, slope], dx.size);
  },
  cases: [
    {
      inputs: [
        [3, 7],
        [3, 7],
      ],
      attributes: { slope: 0.2 },
    },
  ],
};

/** dx = dy where x > 0, else slope·dy. */
export function leakyReluGrad(dy: Tensor, x: Tensor, slope: number): Tensor {
  return apply(leakyReluGradOp, [dy, x], { slope });
}
