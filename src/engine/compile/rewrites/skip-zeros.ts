import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { definitionOf } from "../../ops/define-op.ts";
import { matMulBiasOp } from "../../ops/fused/mat-mul-bias.ts";
import type { Operand } from "../../lowering/product/product.ts";
import { matMulOp, type MatMulAttributes } from "../../ops/mat-mul.ts";
import type { Shape } from "../../shape.ts";
import type { Rewrite } from "./rewrite.ts";

/** Below this along one axis of the weights the kernels' tiles would be half empty. */
const SMALLEST = 32;

/**
 * With fewer rows it costs more to lay out the weights than zeros save. Transposed weights the dense kernel lays out as well, and
 * there leaving zeros out pays from one row on.
 */
const FEWEST_ROWS = 16;

/**
 * Relu makes zeros, and its gradient has them in the same places: half of all at the start. A dense layer above relu, and
 * the input and weight gradients of one below, are products that leave them out. A product that adds to what is there
 * (matMulAdd) stays as it is: the kernels start from 0, and where batches are merged, as the GAN's are, a weight's gradient is
 * one product.
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
  const manyRows = (a.shape as Shape)[0]! >= FEWEST_ROWS;
  if (!transposeA && hasZeros(a) && (manyRows || transposeB)) return "a";
  return transposeA && !transposeB && hasZeros(b) && manyRows ? "b" : undefined;
}

/**
 * Whether relu or its gradient made these numbers. Behind a pool there are too few: where four are averaged all four have to
 * be 0, which at the start they are in a third of all places, soon in a tenth, and below a fifth zeros are faster multiplied.
 */
function hasZeros(x: Tensor): boolean {
  const zeros = definitionOf(x)?.zeros ?? "few";
  const much = typeof zeros === "function" ? zeros(x.attributes) : zeros;
  return much === "as input" ? hasZeros(x.inputs[0]!) : much === "many";
}
