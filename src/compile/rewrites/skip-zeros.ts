import type { Tensor } from "../../graph/tensor.ts";
import { sparseTimesTransposed } from "../../ops/fused/sparse-times-transposed.ts";
import { transposedTimesSparse } from "../../ops/fused/transposed-times-sparse.ts";
import { reluGradOp } from "../../ops/gradients/relu-grad.ts";
import { matMulOp, type MatMulAttributes } from "../../ops/mat-mul.ts";
import type { Shape } from "../../shape.ts";
import type { Rewrite } from "./rewrite.ts";

/** Below this along one axis of the weights the kernels' tiles would be half empty. */
const SMALLEST = 32;

/**
 * The gradient behind relu is 0 where relu's result was, in half of its places at the start. Both of a dense layer's
 * gradients, of its input and of its weights, are products with it, which leave the zeros out.
 */
export const skipZeros: Rewrite = ({ node, successor }) => {
  if (!node.isResultOf(matMulOp)) return undefined;
  const [a, b] = node.inputs as [Tensor, Tensor];
  const { transposeA, transposeB } = node.attributes as MatMulAttributes;
  const ofInput = !transposeA && transposeB && a.isResultOf(reluGradOp) && isLarge(b);
  if (ofInput) return sparseTimesTransposed(successor(a), successor(b));
  const ofWeights = transposeA && !transposeB && b.isResultOf(reluGradOp) && isLarge(node);
  return ofWeights ? transposedTimesSparse(successor(a), successor(b)) : undefined;
};

function isLarge(weights: Tensor): boolean {
  return (weights.shape as Shape).every((size) => size >= SMALLEST);
}
