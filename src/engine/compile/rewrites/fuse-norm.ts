import type { Tensor } from "../../graph/tensor.ts";
import { batchNormOp, type BatchNormAttributes } from "../../ops/batch-norm.ts";
import { batchNormRelu } from "../../ops/fused/batch-norm-relu.ts";
import { reluOp } from "../../ops/unary.ts";
import { chainOf, type Rewrite } from "./rewrite.ts";

/**
 * relu(batchNorm(x, beta)) becomes one operation: relu is applied where the norm is written, and its gradient where the
 * norm's is computed, so neither reads and writes the maps once more.
 */
export const fuseNorm: Rewrite = (site) => {
  const normed = chainOf(site, reluOp, batchNormOp)?.[1];
  if (normed === undefined) return undefined;
  const [x, beta] = normed.inputs.map(site.successor) as [Tensor, Tensor];
  return batchNormRelu(x, beta, normed.attributes as BatchNormAttributes);
};
