import { ShapeError } from "../errors.ts";
import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { compatibleShapes, formatShape } from "../shape.ts";
import { mul, neg } from "./arithmetic.ts";
import { on } from "./cases.ts";
import { partOfGradient, type OpDefinition } from "./define-op.ts";

export const sigmoidCrossEntropyOp: OpDefinition<object, 2> = {
  name: "sigmoidCrossEntropy",
  rows: 0,
  zeros: "few",
  shape([logits, labels]) {
    if (!compatibleShapes(logits, labels)) {
      throw new ShapeError(
        `sigmoidCrossEntropy: logits ${formatShape(logits)} and labels ${formatShape(labels)} have different shapes`,
      );
    }
    return logits;
  },
  gradient: (dy, [logits, labels]) => [sigmoidCrossEntropyGrad(dy, logits, labels), neg(mul(dy, logits))],
  lower: (emit, y, [logits, labels]) => emit.call("sigmoidCrossEntropy", [y, logits, labels], y.size),
  cases: () => [
    { ...on([4, 3], [4, 3], {}), kinks: [0] },
    { ...on([1], [1], {}), kinks: [0] },
  ],
};

/**
 * −t·ln σ(x) − (1 − t)·ln(1 − σ(x)) for each logit x and label t in [0, 1], as max(x, 0) − x·t + ln(1 + e^−|x|), which
 * overflows nowhere. (https://www.tensorflow.org/api_docs/python/tf/nn/sigmoid_cross_entropy_with_logits)
 * @throws ShapeError where the shapes differ.
 */
export function sigmoidCrossEntropy(logits: Tensor, labels: Tensor): Tensor {
  return apply(sigmoidCrossEntropyOp, [logits, labels], {});
}

export const sigmoidCrossEntropyGradOp: OpDefinition<object, 3> = {
  ...partOfGradient("sigmoidCrossEntropyGrad"),
  zeros: "few",
  shape: ([dLoss]) => dLoss,
  lower: (emit, dLogits, [dLoss, logits, labels]) =>
    emit.call("sigmoidCrossEntropyGrad", [dLogits, dLoss, logits, labels], dLogits.size),
  cases: () => [on([4, 3], [4, 3], [4, 3], {})],
};

/** dLogits = dLoss·(σ(logits) − labels). */
export function sigmoidCrossEntropyGrad(dLoss: Tensor, logits: Tensor, labels: Tensor): Tensor {
  return apply(sigmoidCrossEntropyGradOp, [dLoss, logits, labels], {});
}
