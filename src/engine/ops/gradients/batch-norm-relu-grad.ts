import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { partOfGradient, type OpDefinition } from "../define-op.ts";
import { lowerBatchNormGrad } from "../../lowering/batch-norm.ts";

export const batchNormReluGradOp: OpDefinition<object, 5> = {
  ...partOfGradient("batchNormReluGrad"),
  zeros: "few",
  shape: ([dy]) => dy,
  /** dBeta = Σ of each channel's dy that passes relu. */
  saved: ([, , mean]) => [mean],
  lower: (emit, dx, [dy, x, mean, rstd, beta], _, [dBeta]) =>
    lowerBatchNormGrad(emit, dx, [dy, x, mean, rstd], beta, dBeta!),
  cases: [
    { inputs: [[3, 2, 2, 3], [3, 2, 2, 3], [3], [3], [3]], attributes: {} },
    { inputs: [[300, 1], [300, 1], [1], [1], [1]], attributes: {} },
  ],
};

/**
 * dx of relu(batchNorm) from the statistics it kept: batchNormGrad of dy where y = (x − mean)·rstd + beta > 0, and of 0
 * elsewhere. y is computed again, bit for bit, so it need not be kept. What this keeps itself is dBeta.
 */
export function batchNormReluGrad(dy: Tensor, x: Tensor, mean: Tensor, rstd: Tensor, beta: Tensor): Tensor {
  return apply(batchNormReluGradOp, [dy, x, mean, rstd, beta], {});
}
