import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { OpDefinition } from "../define-op.ts";
import { onceOnly } from "./once-only.ts";

export const sigmoidCrossEntropyGradOp: OpDefinition<object, 3> = {
  name: "sigmoidCrossEntropyGrad",
  shape: ([dLoss]) => dLoss,
  gradient: onceOnly("sigmoidCrossEntropyGrad"),
  lower: (emit, dLogits, [dLoss, logits, labels]) =>
    emit.call("sigmoidCrossEntropyGrad", [dLogits, dLoss, logits, labels], dLogits.size),
  cases: [
    {
      inputs: [
        [4, 3],
        [4, 3],
        [4, 3],
      ],
      attributes: {},
    },
  ],
};

/** dLogits = dLoss·(σ(logits) − labels). */
export function sigmoidCrossEntropyGrad(dLoss: Tensor, logits: Tensor, labels: Tensor): Tensor {
  return apply(sigmoidCrossEntropyGradOp, [dLoss, logits, labels], {});
}
