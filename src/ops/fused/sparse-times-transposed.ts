import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { OpDefinition } from "../define-op.ts";
import { emitSparseTimesTransposed } from "../lowering/sparse-product.ts";
import { productGradients, productShape, type MatMulAttributes } from "../mat-mul.ts";

const TRANSPOSED: MatMulAttributes = { transposeA: false, transposeB: true };

export const sparseTimesTransposedOp: OpDefinition<object, 2> = {
  name: "sparseTimesTransposed",
  shape: ([a, b]) => productShape("sparseTimesTransposed", a, b, TRANSPOSED),
  gradient: (dy, [a, b]) => productGradients(dy, a, b, TRANSPOSED),
  lower(emit, y, [a, b]) {
    const [m, n] = y.shape as [number, number];
    emitSparseTimesTransposed(emit, y, a, b, { m, n, k: a.shape[1]! });
  },
  panelInput: 1,
  cases: [
    {
      inputs: [
        [3, 5],
        [4, 5],
      ],
      attributes: {},
    },
    {
      inputs: [
        [2, 19],
        [50, 19],
      ],
      attributes: {},
      zeros: [0],
    },
  ],
};

/** y = a·bᵀ, a [m,k], b [n,k], where much of a is 0: the input gradient of a dense layer behind relu. */
export function sparseTimesTransposed(a: Tensor, b: Tensor): Tensor {
  return apply(sparseTimesTransposedOp, [a, b], {});
}
