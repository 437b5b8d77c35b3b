import type { Tensor } from "../../graph/tensor.ts";
import { addOp } from "../../ops/arithmetic.ts";
import { conv2dFilterGradAdd } from "../../ops/fused/conv2d-filter-grad-add.ts";
import { matMulAdd } from "../../ops/fused/mat-mul-add.ts";
import { conv2dFilterGradOp, type Conv2dFilterGradAttributes } from "../../ops/gradients/conv2d-filter-grad.ts";
import { isOneBlock } from "../../lowering/product/panel-layout.ts";
import { matMulOp, productOf, type MatMulAttributes } from "../../ops/mat-mul.ts";
import { sameShape, type Shape } from "../../shape.ts";
import type { Rewrite } from "./rewrite.ts";

/**
 * A sum whose second term is a product (the gradients of a weight that is shared) becomes a product that is added where
 * the first term lies. It applies only where nobody else reads the product, and must leave all bits as they are, or
 * they would change with what else is fetched: a filter's gradient is added as one number, and a matrix product
 * likewise where its inner axis is one block of the sum; others stay.
 */
export const accumulateProducts: Rewrite = ({ node, successor, uses }) => {
  if (!node.isResultOf(addOp)) return undefined;
  const [addend, product] = node.inputs as [Tensor, Tensor];
  if (uses(product) > 1 || !sameShape(addend.shape, product.shape)) return undefined;
  const [first, second] = product.inputs as [Tensor, Tensor];
  if (product.isResultOf(matMulOp)) {
    const attributes = product.attributes as MatMulAttributes;
    if (!isOneBlock(productOf(product.shape as Shape, first.shape as Shape, attributes).k)) return undefined;
    return matMulAdd(successor(addend), successor(first), successor(second), attributes);
  }
  if (product.isResultOf(conv2dFilterGradOp)) {
    const attributes = product.attributes as Conv2dFilterGradAttributes;
    return conv2dFilterGradAdd(successor(addend), successor(first), successor(second), attributes);
  }
  return undefined;
};
