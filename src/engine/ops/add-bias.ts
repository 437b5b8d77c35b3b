import { ShapeError } from "../errors.ts";
import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { compatible, formatShape, type PartialShape } from "../shape.ts";
import { on } from "./cases.ts";
import type { OpDefinition } from "./define-op.ts";
import { lowerAddBias } from "../lowering/bias.ts";
import { sum } from "./sum.ts";

export const addBiasOp: OpDefinition<object, 2> = {
  name: "addBias",
  rows: 1,
  zeros: "few",
  shape([x, bias]) {
    checkBias("addBias", x, bias);
    return x;
  },
  gradient: (dy) => [dy, biasGradient(dy)],
  lower(emit, y, [x, bias]) {
    emit.inPlace(y, x);
    lowerAddBias(emit, y, x, bias, false);
  },
  cases: () => [on([4, 3], [3], {}), on([2, 3, 2, 5], [5], {}), on([7, 1], [1], {})],
};

/**
 * y = x + bias along the last axis: x [..., channels], bias [channels].  dx = dy, dBias = dy summed over all other
 * axes.
 * @throws ShapeError unless bias has one number for each channel.
 */
export function addBias(x: Tensor, bias: Tensor): Tensor {
  return apply(addBiasOp, [x, bias], {});
}

/** dy summed over all axes but the last, in blocks of 256 rows; conv2dBiasGrad sums in the same order. */
export function biasGradient(dy: Tensor): Tensor {
  return sum(dy, { axes: dy.shape.map((_, axis) => axis).slice(0, -1) });
}

/** @throws ShapeError unless bias is [channels] for an x [..., channels]. */
export function checkBias(op: string, x: PartialShape, bias: PartialShape): void {
  if (x.length < 2 || bias.length !== 1 || !compatible(bias[0]!, x[x.length - 1]!)) {
    throw new ShapeError(
      `${op}: bias ${formatShape(bias)} is not one number for each channel (last axis) of x ${formatShape(x)}`,
    );
  }
}
