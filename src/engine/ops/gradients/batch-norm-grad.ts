import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { partOfGradient, type OpDefinition } from "../define-op.ts";
import { lowerBatchNormGrad } from "../../lowering/batch-norm.ts";

export const batchNormGradOp: OpDefinition<object, 4> = {
  ...partOfGradient("batchNormGrad"),
  zeros: "few",
  shape: ([dy]) => dy,
  /** dBeta = Σ dy of each channel. */
  saved: ([, , mean]) => [mean],
  lower: (emit, dx, inputs, _, [dBeta]) => lowerBatchNormGrad(emit, dx, inputs, undefined, dBeta!),
  cases: [
    { inputs: [[3, 2, 2, 3], [3, 2, 2, 3], [3], [3]], attributes: {} },
    { inputs: [[300, 1], [300, 1], [1], [1]], attributes: {} },
  ],
};

/**
 * dx of batchNorm from the statistics it kept: rstd·(dy − Σdy/rows − x̂·Σ(dy·x̂)/rows) with x̂ = (x − mean)·rstd.
 * What it keeps itself is dBeta = Σ dy.
 */
export function batchNormGrad(dy: Tensor, x: Tensor, mean: Tensor, rstd: Tensor): Tensor {
  return apply(batchNormGradOp, [dy, x, mean, rstd], {});
}
