import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { OpDefinition } from "../define-op.ts";
import { combineBlocks, partialSums, sumColumns } from "../lowering/columns.ts";
import { onceOnly } from "./once-only.ts";

export const batchNormGradOp: OpDefinition<object, 4> = {
  name: "batchNormGrad",
  shape: ([dy]) => dy,
  /** dBeta = Σ dy of each channel. */
  saved: ([, , mean]) => [mean],
  gradient: onceOnly("batchNormGrad"),
  lower(emit, dx, [dy, x, mean, rstd], _, [dBeta]) {
    const channels = mean.size;
    const rows = x.size / channels;
    const partial = partialSums(emit, rows, channels);
    const products = emit.scratch([channels]);
    sumColumns(emit, dBeta!, dy, rows, channels, 1);
    emit.call("columnProducts", [partial, dy, x, mean, rstd, rows, channels], partial.shape[0]!);
    combineBlocks(emit, products, partial, 1);
    emit.inPlace(dx, dy);
    emit.call("batchNormGrad", [dx, dy, x, mean, rstd, dBeta!, products, rows, channels], rows);
  },
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
