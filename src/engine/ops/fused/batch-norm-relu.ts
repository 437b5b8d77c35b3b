import { apply, saved } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { batchNormShape, batchStatistics, type BatchNormAttributes } from "../batch-norm.ts";
import type { OpDefinition } from "../define-op.ts";
import { batchNormReluGrad } from "../gradients/batch-norm-relu-grad.ts";
import { lowerBatchNorm } from "../../lowering/batch-norm.ts";

export const batchNormReluOp: OpDefinition<BatchNormAttributes, 2> = {
  name: "batchNormRelu",
  rows: 0,
  zeros: "many",
  shape: ([x, beta], attributes) => batchNormShape("batchNormRelu", x, beta, attributes),
  saved: ([, beta]) => batchStatistics(beta),
  gradient(dy, [x, beta], _, y) {
    const dx = batchNormReluGrad(dy, x, saved(y, 0), saved(y, 1), beta);
    return [dx, saved(dx, 0)];
  },
  lower: (emit, y, inputs, { epsilon }, kept) => lowerBatchNorm(emit, y, inputs, epsilon, true, kept),
  cases: [
    { inputs: [[3, 2, 2, 3], [3]], attributes: { epsilon: 1e-5 } },
    { inputs: [[1, 3, 3, 1], [1]], attributes: { epsilon: 1e-3 } },
    { inputs: [[5, 6], [6]], attributes: { epsilon: 1e-5 } },
  ],
};

/** relu(batchNorm(x, beta)): one operation that passes over x once less each way. */
export function batchNormRelu(x: Tensor, beta: Tensor, attributes: BatchNormAttributes): Tensor {
  return apply(batchNormReluOp, [x, beta], attributes);
}
