import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { biasGradient, checkBias } from "../add-bias.ts";
import type { OpDefinition } from "../define-op.ts";
import { reluGrad } from "../unary.ts";
import { lowerAddBias } from "../../lowering/bias.ts";
import { emitProduct } from "../../lowering/product/product.ts";
import { productGradients, productOf, productShape, type MatMulAttributes } from "../mat-mul.ts";

/** The product's attributes, and whether relu follows the bias. */
export interface MatMulBiasAttributes extends MatMulAttributes {
  readonly relu: boolean;
}

export const matMulBiasOp: OpDefinition<MatMulBiasAttributes, 3> = {
  name: "matMulBias",
  rows: 0,
  zeros: ({ relu }) => (relu ? "many" : "few"),
  shape([a, b, bias], attributes) {
    const y = productShape("matMulBias", a, b, attributes);
    checkBias("matMulBias", y, bias);
    return y;
  },
  gradient(dy, [a, b], attributes, y) {
    const dz = attributes.relu ? reluGrad(dy, y) : dy;
    return [...productGradients(dz, a, b, attributes), biasGradient(dz)];
  },
  lower(emit, y, [a, b, bias], attributes) {
    emitProduct(emit, y, a, b, productOf(y.shape, a.shape, attributes));
    lowerAddBias(emit, y, y, bias, attributes.relu);
  },
  panelInput: 1,
  cases: [
    { inputs: [[3, 5], [5, 4], [4]], attributes: { transposeA: false, transposeB: false, relu: false } },
    { inputs: [[3, 5], [4, 5], [4]], attributes: { transposeA: false, transposeB: true, relu: true } },
  ],
};

/** y = a·b + bias, then relu if asked: one operation for what `matMul`, `addBias` and `relu` say. */
export function matMulBias(a: Tensor, b: Tensor, bias: Tensor, attributes: MatMulBiasAttributes): Tensor {
  return apply(matMulBiasOp, [a, b, bias], attributes);
}
