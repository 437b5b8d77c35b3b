import { checkList } from "../arguments.ts";
import { ArgumentError } from "../errors.ts";
import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { formatShape, stridesOf } from "../shape.ts";
import type { OpDefinition } from "./define-op.ts";
import { stridedView } from "../lowering/strided-view.ts";
import { slice } from "./slice.ts";

/** Elements to add before and after each axis, and their value. */
export interface PadAttributes {
  readonly paddings: readonly (readonly [before: number, after: number])[];
  readonly value: number;
}

export const padOp: OpDefinition<PadAttributes, 1> = {
  name: "pad",
  rows: 0,
  zeros: "few",
  shape([x], { paddings, value }) {
    const isCount = (count: number): boolean => Number.isInteger(count) && count >= 0;
    if (paddings.length !== x.length || !paddings.every((pair) => pair.length === 2 && pair.every(isCount))) {
      throw new ArgumentError(
        `pad: paddings [${paddings.join("; ")}] are not a pair of integers ≥ 0 for each axis of x ${formatShape(x)}`,
      );
    }
    if (!Number.isFinite(value)) throw new ArgumentError(`pad: value ${value} is not a finite number`);
    return x.map((dim, axis) => (dim === null ? null : dim + paddings[axis]![0] + paddings[axis]![1]));
  },
  gradient: (dy, [x], { paddings }) => [
    slice(
      dy,
      paddings.map(([before]) => before),
      x.shape as number[],
    ),
  ],
  lower(emit, y, [x], { paddings, value }) {
    const strides = stridesOf(y.shape);
    const start = paddings.reduce((offset, [before], axis) => offset + before * strides[axis]!, 0);
    emit.call("fill", [y, value], y.size);
    emit.call("stridedStore", [y.part(start, y.size - start), x, stridedView(emit, x.shape, strides)], x.size);
  },
  cases: [
    { inputs: [[3]], attributes: { paddings: [[1, 2]], value: 0 } },
    {
      inputs: [[2, 3, 2]],
      attributes: {
        paddings: [
          [0, 1],
          [2, 0],
          [1, 1],
        ],
        value: 0.5,
      },
    },
  ],
};

/**
 * x with `value` (default 0) around it.  dx = the inner block of dy.
 * @throws ArgumentError unless paddings is a pair of integers ≥ 0 for each axis.
 */
export function pad(x: Tensor, paddings: PadAttributes["paddings"], value = 0): Tensor {
  checkList("pad: paddings", paddings);
  return apply(padOp, [x], { paddings, value });
}
