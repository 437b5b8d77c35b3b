import { ArgumentError } from "../errors.ts";
import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { on } from "./cases.ts";
import type { OpDefinition } from "./define-op.ts";

/** The value of every element, finite. */
export interface FillLikeAttributes {
  readonly value: number;
}

export const fillLikeOp: OpDefinition<FillLikeAttributes, 1> = {
  name: "fillLike",
  rows: 0,
  zeros: "few",
  constantIn: [0],
  shape([x], { value }) {
    if (!Number.isFinite(value)) throw new ArgumentError(`fillLike: value ${value} is not a finite number`);
    return x;
  },
  gradient: () => [null],
  lower: (emit, y, _, { value }) => emit.call("fill", [y, value], y.size),
  cases: () => [on([3, 5], { value: 0.75 })],
};

/** A tensor of x's shape whose elements are all `value`. Its gradient is zero. @throws ArgumentError unless finite. */
export function fillLike(x: Tensor, value: number): Tensor {
  return apply(fillLikeOp, [x], { value });
}

/** Ones in x's shape. */
export function onesLike(x: Tensor): Tensor {
  return fillLike(x, 1);
}

/** Zeros in x's shape. */
export function zerosLike(x: Tensor): Tensor {
  return fillLike(x, 0);
}
