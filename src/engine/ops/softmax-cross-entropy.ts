import { ShapeError } from "../errors.ts";
import { apply, saved } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { compatibleShapes, concrete, formatShape, matrixDims } from "../shape.ts";
import { mul, neg } from "./arithmetic.ts";
import { on } from "./cases.ts";
import { partOfGradient, type OpDefinition } from "./define-op.ts";
import { reshape } from "./reshape.ts";

export const softmaxCrossEntropyOp: OpDefinition<object, 2> = {
  name: "softmaxCrossEntropy",
  rows: 0,
  zeros: "few",
  shape([logits, labels]) {
    if (logits.length !== 2 || !compatibleShapes(logits, labels)) {
      throw new ShapeError(
        `softmaxCrossEntropy: logits ${formatShape(logits)} and labels ${formatShape(labels)} ` +
          "are not both [batch, classes]",
      );
    }
    return logits.slice(0, 1);
  },
  /** The log-probabilities, [batch, classes]. */
  saved: ([logits]) => [logits],
  gradient(dy, [logits, labels], _, y) {
    const logProbabilities = saved(y, 0);
    const [batch] = matrixDims(concrete(logits.shape));
    const dRows = reshape(dy, [batch, 1]);
    return [softmaxCrossEntropyGrad(dy, logProbabilities, labels), neg(mul(dRows, logProbabilities))];
  },
  lower(emit, y, [logits, labels], _, [logProbabilities]) {
    const [batch, classes] = matrixDims(logits.shape);
    emit.call("softmaxCrossEntropy", [y, logProbabilities!, logits, labels, classes], batch);
  },
  cases: () => [on([4, 3], [4, 3], {}), on([2, 1], [2, 1], {}), on([3, 10], [3, 10], {})],
};

/**
 * −Σ t·ln softmax(x) of each row: logits x and labels t [batch, classes] → [batch]; a row of labels is a distribution.
 * (https://www.tensorflow.org/api_docs/python/tf/nn/softmax_cross_entropy_with_logits)
 * @throws ShapeError unless both are [batch, classes].
 */
export function softmaxCrossEntropy(logits: Tensor, labels: Tensor): Tensor {
  return apply(softmaxCrossEntropyOp, [logits, labels], {});
}

export const softmaxCrossEntropyGradOp: OpDefinition<object, 3> = {
  ...partOfGradient("softmaxCrossEntropyGrad"),
  zeros: "few",
  shape: ([, logProbabilities]) => logProbabilities,
  lower(emit, dLogits, [dLoss, logProbabilities, labels]) {
    const [batch, classes] = matrixDims(labels.shape);
    emit.call("softmaxCrossEntropyGrad", [dLogits, dLoss, logProbabilities, labels, classes], batch);
  },
  cases: () => [on([4], [4, 3], [4, 3], {})],
};

/** dLogits = dLoss·(softmax·Σ labels − labels), row by row, from the log-probabilities of the forward pass. */
export function softmaxCrossEntropyGrad(dLoss: Tensor, logProbabilities: Tensor, labels: Tensor): Tensor {
  return apply(softmaxCrossEntropyGradOp, [dLoss, logProbabilities, labels], {});
}
