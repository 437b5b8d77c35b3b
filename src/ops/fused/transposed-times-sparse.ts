import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { OpDefinition } from "../define-op.ts";
import { emitTransposedTimesSparse } from "../lowering/sparse-product.ts";
import { productGradients, productShape, type MatMulAttributes } from "../mat-mul.ts";

const TRANSPOSED: MatMulAttributes = { transposeA: true, transposeB: false };

export const transposedTimesSparseOp: OpDefinition<object, 2> = {
  name: "transposedTimesSparse",
  shape: ([a, b]) => productShape("transposedTimesSparse", a, b, TRANSPOSED),
  gradient: (dy, [a, b]) => productGradients(dy, a, b, TRANSPOSED),
  lower(emit, y, [a, b]) {
    const [m, n] = y.shape as [number, number];
    emitTransposedTimesSparse(emit, y, a, b, { m, n, k: a.shape[0]! });
  },
  writesPanels: true,
  cases: [
    {
      inputs: [
        [5, 3],
        [5, 4],
      ],
      attributes: {},
    },
    {
      inputs: [
        [3, 50],
        [3, 19],
      ],
      attributes: {},
      zeros: [1],
    },
  ],
};

/** y = aᵀ·b, a [k,m], b [k,n], where much of b is 0: the weight gradient of a dense layer behind relu. */
export function transposedTimesSparse(a: Tensor, b: Tensor): Tensor {
  return apply(transposedTimesSparseOp, [a, b], {});
}
