import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { partOfGradient, type OpDefinition } from "../define-op.ts";

export const sigmoidCrossEntropyGradOp: OpDefinition<object, 3> = {
  ...partOfGradient("sigmoidCrossEntropyGrad"),
  zeros: "few",
  shape: ([dLoss]) => dLoss,
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
