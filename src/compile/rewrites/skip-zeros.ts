import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { avgPoolOp } from "../../ops/avg-pool.ts";
import { batchNormReluOp } from "../../ops/fused/batch-norm-relu.ts";
import { conv2dBiasOp } from "../../ops/fused/conv2d-bias.ts";
import { conv2dReluPoolOp } from "../../ops/fused/conv2d-relu-pool.ts";
import { matMulBiasOp } from "../../ops/fused/mat-mul-bias.ts";
import { reluGradOp } from "../../ops/gradients/relu-grad.ts";
import type { Operand } from "../../ops/lowering/product.ts";
import { matMulOp, type MatMulAttributes } from "../../ops/mat-mul.ts";
import { maxPoolOp } from "../../ops/max-pool.ts";
import { reluOp } from "../../ops/relu.ts";
import { reshapeOp } from "../../ops/reshape.ts";
import type { Shape } from "../../shape.ts";
import type { Rewrite } from "./rewrite.ts";

/** Below this along one axis of the weights the kernels' tiles would be half empty. */
const SMALLEST = 32;

/**
 * Relu makes zeros, and its gradient has them in the same places: half of all at the start. A dense layer above relu, and
 * the input and weight gradients of one below, are products that leave them out.
 */
export const skipZeros: Rewrite = ({ node, successor }) => {
  if (!node.isResultOf(matMulOp) && !node.isResultOf(matMulBiasOp)) return undefined;
  const attributes = node.attributes as MatMulAttributes;
  const sparse = attributes.sparse === undefined ? sparseOperand(node, attributes) : undefined;
  if (sparse === undefined) return undefined;
  return apply(node.operation, node.inputs.map(successor), { ...attributes, sparse });
};

function sparseOperand(node: Tensor, { transposeA, transposeB }: MatMulAttributes): Operand | undefined {
  const [a, b] = node.inputs as [Tensor, Tensor];
  const weights = transposeA ? node : b;
  if (!(weights.shape as Shape).every((size) => size >= SMALLEST)) return undefined;
  if (!transposeA && hasZeros(a)) return "a";
  return transposeA && !transposeB && hasZeros(b) ? "b" : undefined;
}

const MAKE_ZEROS = [reluOp, reluGradOp, batchNormReluOp, conv2dReluPoolOp];
const MAY_MAKE_ZEROS = [conv2dBiasOp, matMulBiasOp];
const KEEP_ZEROS = [reshapeOp, avgPoolOp, maxPoolOp];

/** Whether relu or its gradient made these numbers; a pool of zeros is 0. */
function hasZeros(x: Tensor): boolean {
  if (MAKE_ZEROS.some((operation) => x.isResultOf(operation))) return true;
  if (MAY_MAKE_ZEROS.some((operation) => x.isResultOf(operation))) return (x.attributes as { relu: boolean }).relu;
  return KEEP_ZEROS.some((operation) => x.isResultOf(operation)) && hasZeros(x.inputs[0]!);
}
