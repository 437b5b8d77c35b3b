import { apply } from "../../graph/graph.ts";
import type { ResultOf, Tensor } from "../../graph/tensor.ts";
import { definitionOf } from "../../ops/define-op.ts";
import type { Operand } from "../../lowering/product/product-sizes.ts";
import { matMulOp, type MatMulAttributes } from "../../ops/mat-mul.ts";
import { concrete } from "../../shape.ts";
import type { Rewrite } from "./rewrite.ts";

/** Below this along one axis of the weights the kernels' tiles would be half empty. */
const SMALLEST = 32;

/**
 * With fewer rows, laying out the weights costs more than the zeros save. The dense kernel lays out transposed weights
 * as well, so there leaving zeros out pays from one row on.
 */
const FEWEST_ROWS = 16;

/**
 * Relu makes zeros, half of all elements at the start, and its gradient has zeros in the same places. A dense layer
 * above relu, and the input and weight gradients of one below, are products that leave them out. A product that adds to
 * its addend (`accumulate`) stays as it is: the kernels start from 0, and where batches are merged, as the GAN's are, a
 * weight's gradient is one product.
 */
export const skipZeros: Rewrite = ({ node, successor }) => {
  const product = node.match(matMulOp);
  if (product === undefined || product.attributes.accumulate || product.attributes.sparse) return undefined;
  const sparse = sparseOperand(product);
  if (sparse === undefined) return undefined;
  return apply(product.operation, node.inputs.map(successor), { ...product.attributes, sparse });
};

function sparseOperand(product: ResultOf<MatMulAttributes, 2 | 3>): Operand | undefined {
  const { transposeA, transposeB } = product.attributes;
  const [a, b] = product.inputs;
  const weights = transposeA ? product : b;
  if (!concrete(weights.shape).every((size) => size >= SMALLEST)) return undefined;
  const manyRows = concrete(a.shape)[0]! >= FEWEST_ROWS;
  if (!transposeA && hasZeros(a) && (manyRows || transposeB)) return "a";
  return transposeA && !transposeB && hasZeros(b) && manyRows ? "b" : undefined;
}

/**
 * True if relu or its gradient made these numbers. Behind a pool there are too few zeros: if four are averaged, all
 * four have to be 0. At the start that holds for a third of all places, and soon for a tenth. Below a fifth it is
 * faster to multiply the zeros.
 */
function hasZeros(x: Tensor): boolean {
  const zeros = definitionOf(x)?.zeros ?? "few";
  const much = typeof zeros === "function" ? zeros(x.attributes) : zeros;
  return much === "as input" ? hasZeros(x.inputs[0]!) : much === "many";
}
