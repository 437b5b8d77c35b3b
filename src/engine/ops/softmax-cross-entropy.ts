import { ShapeError } from "../errors.ts";
import { apply, saved } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { compatibleShapes, formatShape, type Shape } from "../shape.ts";
import type { OpDefinition } from "./define-op.ts";
import { softmaxCrossEntropyGrad } from "./gradients/softmax-cross-entropy-grad.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";
import { reshape } from "./reshape.ts";

export const softmaxCrossEntropyOp: OpDefinition<object, 2> = {
  name: "softmaxCrossEntropy",
  rows: 0,
  zeros: "few",
  shape([logits, labels]) {
    if (logits.length !== 2 || !compatibleShapes(logits, labels)) {
      throw new ShapeError(
        `softmaxCrossEntropy: logits ${formatShape(logits)} and labels ${formatShape(labels)} are not both [batch, classes]`,
      );
    }
    return logits.slice(0, 1);
  },
  /** The log-probabilities, [batch, classes]. */
  saved: ([logits]) => [logits],
  gradient(dy, [logits, labels], _, y) {
    const logProbabilities = saved(y, 0);
    const dRows = reshape(dy, [(logits.shape as Shape)[0]!, 1]);
    return [softmaxCrossEntropyGrad(dy, logProbabilities, labels), neg(mul(dRows, logProbabilities))];
  },
  lower(emit, y, [logits, labels], _, [logProbabilities]) {
    emit.call("softmaxCrossEntropy", [y, logProbabilities!, logits, labels, logits.shape[1]!], y.size);
  },
  cases: [
    {
      inputs: [
        [4, 3],
        [4, 3],
      ],
      attributes: {},
    },
    {
      inputs: [
        [2, 1],
        [2, 1],
      ],
      attributes: {},
    },
    {
      inputs: [
        [3, 10],
        [3, 10],
      ],
      attributes: {},
    },
  ],
};

/**
 * −Σ t·ln softmax(x) of each row: logits x and labels t [batch, classes] → [batch]; a row of labels is a distribution.
 * (https://www.tensorflow.org/api_docs/python/tf/nn/softmax_cross_entropy_with_logits)
 * @throws ShapeError unless both are [batch, classes].
 */
export function softmaxCrossEntropy(logits: Tensor, labels: Tensor): Tensor {
  return apply(softmaxCrossEntropyOp, [logits, labels], {});
}
