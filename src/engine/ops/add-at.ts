import { ShapeError } from "../errors.ts";
import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { concrete, formatShape, isConcrete, stridesOf } from "../shape.ts";
import { on } from "./cases.ts";
import type { OpDefinition } from "./define-op.ts";
import { stridedView } from "../lowering/strided-view.ts";
import { slice } from "./slice.ts";

/** The position in x of the patch's first element. */
export interface AddAtAttributes {
  readonly begin: readonly number[];
}

export const addAtOp: OpDefinition<AddAtAttributes, 2> = {
  name: "addAt",
  rows: ([x, patch]) => (x[0] === patch[0] ? 2 : 0),
  zeros: "few",
  shape([x, patch], { begin }) {
    const fits = patch.every((dim, axis) => dim === null || x[axis] === null || begin[axis]! + dim <= x[axis]!);
    if (patch.length !== x.length || begin.length !== x.length || !fits) {
      throw new ShapeError(`addAt: patch ${formatShape(patch)} at [${begin.join(",")}] leaves x ${formatShape(x)}`);
    }
    return isConcrete(x) ? x : x.map((dim, axis) => dim ?? patch[axis]!);
  },
  gradient: (dy, [, patch], { begin }) => [dy, slice(dy, begin, concrete(patch.shape))],
  lower(emit, y, [x, patch], { begin }) {
    const strides = stridesOf(y.shape);
    const start = begin.reduce((offset, first, axis) => offset + first * strides[axis]!, 0);
    emit.beginWith(y, x);
    emit.call(
      "stridedAccumulate",
      [y.part(start, y.size - start), patch, stridedView(emit, patch.shape, strides)],
      patch.size,
    );
  },
  cases: () => [on([5], [2], { begin: [3] }), on([2, 3, 4], [2, 1, 2], { begin: [0, 2, 1] })],
};

/** x with a patch added to the block that starts at `begin`.  dx = dy, dPatch = that block of dy. */
export function addAt(x: Tensor, patch: Tensor, begin: readonly number[]): Tensor {
  return apply(addAtOp, [x, patch], { begin });
}
