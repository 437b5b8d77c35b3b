import { ShapeError } from "../../errors.ts";
import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { compatibleShapes, formatShape } from "../../shape.ts";
import type { OpDefinition } from "../define-op.ts";
import { emitProduct } from "../../lowering/product/product.ts";
import { productGradients, productOf, productShape, type MatMulAttributes } from "../mat-mul.ts";

export const matMulAddOp: OpDefinition<MatMulAttributes, 3> = {
  name: "matMulAdd",
  rows: 0,
  zeros: "few",
  shape([addend, a, b], attributes) {
    const y = productShape("matMulAdd", a, b, attributes);
    if (!compatibleShapes(addend, y)) {
      throw new ShapeError(
        `matMulAdd: addend ${formatShape(addend)} does not have the product's shape ${formatShape(y)}`,
      );
    }
    return y;
  },
  gradient: (dy, [, a, b], attributes) => [dy, ...productGradients(dy, a, b, attributes)],
  lower(emit, y, [addend, a, b], attributes) {
    if (!emit.inPlace(y, addend)) emit.call("copy", [y, addend], y.size);
    emitProduct(emit, y, a, b, { ...productOf(y.shape, a.shape, attributes), accumulate: true });
  },
  panelInput: 2,
  cases: [
    {
      inputs: [
        [3, 4],
        [3, 5],
        [5, 4],
      ],
      attributes: { transposeA: false, transposeB: false },
    },
    {
      inputs: [
        [3, 4],
        [5, 3],
        [5, 4],
      ],
      attributes: { transposeA: true, transposeB: false },
    },
  ],
};

/**
 * y = addend + a·b, added where the addend lies, block of k after block: sums of weight gradients need no pass of their
 * own. Where k is one block (`isOneBlock`), the bits are those of `add`.
 */
export function matMulAdd(addend: Tensor, a: Tensor, b: Tensor, attributes: MatMulAttributes): Tensor {
  return apply(matMulAddOp, [addend, a, b], attributes);
}
