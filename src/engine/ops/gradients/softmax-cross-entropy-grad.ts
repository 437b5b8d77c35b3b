import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { partOfGradient, type OpDefinition } from "../define-op.ts";

export const softmaxCrossEntropyGradOp: OpDefinition<object, 3> = {
  ...partOfGradient("softmaxCrossEntropyGrad"),
  zeros: "few",
  shape: ([, logProbabilities]) => logProbabilities,
  lower(emit, dLogits, [dLoss, logProbabilities, labels]) {
    const classes = labels.shape[1]!;
    emit.call("softmaxCrossEntropyGrad", [dLogits, dLoss, logProbabilities, labels, classes], dLoss.size);
  },
  cases: [{ inputs: [[4], [4, 3], [4, 3]], attributes: {} }],
};

/** dLogits = dLoss·(softmax·Σ labels − labels), row by row, from the log-probabilities of the forward pass. */
export function softmaxCrossEntropyGrad(dLoss: Tensor, logProbabilities: Tensor, labels: Tensor): Tensor {
  return apply(softmaxCrossEntropyGradOp, [dLoss, logProbabilities, labels], {});
}
