import type { Tensor } from "../../graph/tensor.ts";
import { addOp } from "../../ops/add.ts";
import { conv2dFilterGradAdd } from "../../ops/fused/conv2d-filter-grad-add.ts";
import { matMulAdd } from "../../ops/fused/mat-mul-add.ts";
import { conv2dFilterGradOp, type Conv2dFilterGradAttributes } from "../../ops/gradients/conv2d-filter-grad.ts";
import { matMulOp, type MatMulAttributes } from "../../ops/mat-mul.ts";
import { sameShape } from "../../shape.ts";
import type { Rewrite } from "./rewrite.ts";

/**
 * A sum whose second term is a product (the gradients of a weight that is shared) becomes a product that is added where
 * the first term lies.
 */
export const accumulateProducts: Rewrite = ({ node, successor, uses }) => {
  if (!node.isResultOf(addOp)) return undefined;
  const [addend, product] = node.inputs as [Tensor, Tensor];
  if (uses(product) > 1 || !sameShape(addend.shape, product.shape)) return undefined;
  const [first, second] = product.inputs as [Tensor, Tensor];
  if (product.isResultOf(matMulOp)) {
    return matMulAdd(successor(addend), successor(first), successor(second), product.attributes as MatMulAttributes);
  }
  if (product.isResultOf(conv2dFilterGradOp)) {
    const attributes = product.attributes as Conv2dFilterGradAttributes;
    return conv2dFilterGradAdd(successor(addend), successor(first), successor(second), attributes);
  }
  return undefined;
};
