import { checkNumbers } from "../arguments.ts";
import { ArgumentError } from "../errors.ts";
import { apply, checkTensor } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { stridedView } from "../lowering/strided-view.ts";
import { formatShape, stridesOf } from "../shape.ts";
import { on } from "./cases.ts";
import type { OpDefinition } from "./define-op.ts";

/** Axis i of the result is axis permutation[i] of x. */
export interface TransposeAttributes {
  readonly permutation: readonly number[];
}

export const transposeOp: OpDefinition<TransposeAttributes, 1> = {
  name: "transpose",
  rows: 0,
  zeros: "few",
  shape([x], { permutation }) {
    const sorted = [...permutation].sort((a, b) => a - b);
    if (permutation.length !== x.length || sorted.some((axis, i) => axis !== i)) {
      throw new ArgumentError(
        `transpose: [${permutation.join(",")}] is not a permutation of the axes of x ${formatShape(x)}`,
      );
    }
    return permutation.map((axis) => x[axis]!);
  },
  gradient: (dy, _, { permutation }) => [transpose(dy, inverse(permutation))],
  lower(emit, y, [x], { permutation }) {
    const strides = stridesOf(x.shape);
    const permuted = permutation.map((axis) => strides[axis]!);
    emit.call("stridedCopy", [y, x, stridedView(emit, y.shape, permuted)], y.size);
  },
  cases: () => [on([2, 3], { permutation: [1, 0] }), on([2, 3, 4], { permutation: [2, 0, 1] })],
};

/**
 * x with its axes in another order, by default the reverse.  dx = dy in the old order.
 * @throws ArgumentError unless the order is a permutation of the axes.
 */
export function transpose(x: Tensor, permutation?: readonly number[]): Tensor {
  checkTensor("transpose", x);
  const order = permutation ?? x.shape.map((_, axis) => axis).reverse();
  checkNumbers("transpose: permutation", order);
  return apply(transposeOp, [x], { permutation: order });
}

function inverse(permutation: readonly number[]): number[] {
  const result = new Array<number>(permutation.length);
  permutation.forEach((axis, i) => (result[axis] = i));
  return result;
}
