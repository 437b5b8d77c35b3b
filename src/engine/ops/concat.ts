import { checkList } from "../arguments.ts";
import { ArgumentError, ShapeError } from "../errors.ts";
import { apply, checkTensor } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { stridedView } from "../lowering/strided-view.ts";
import { compatible, concrete, formatShape, normalizeAxis, stridesOf, type PartialShape } from "../shape.ts";
import { on } from "./cases.ts";
import type { OpDefinition } from "./define-op.ts";
import { slice } from "./slice.ts";

/** The axis, from 0, along which the inputs are joined. */
export interface ConcatAttributes {
  readonly axis: number;
}

export const concatOp: OpDefinition<ConcatAttributes> = {
  name: "concat",
  rows: 0,
  zeros: "few",
  shape: (inputs, { axis }) => inputs.reduce((joined, next) => joinedShape(joined, next, axis)),
  gradient(dy, inputs, { axis }) {
    let start = 0;
    return inputs.map((input) => {
      const shape = concrete(input.shape);
      const begin = shape.map((_, i) => (i === axis ? start : 0));
      start += shape[axis]!;
      return slice(dy, begin, shape);
    });
  },
  lower(emit, y, inputs, { axis }) {
    const strides = stridesOf(y.shape);
    let start = 0;
    for (const x of inputs) {
      emit.call("stridedStore", [y.part(start, y.size - start), x, stridedView(emit, x.shape, strides)], x.size);
      start += x.shape[axis]! * strides[axis]!;
    }
  },
  cases: () => [on([2], [3], { axis: 0 }), on([2, 3, 2], [2, 1, 2], [2, 2, 2], { axis: 1 })],
};

/**
 * The inputs joined along an axis; a negative axis counts from the end.  Each gradient is its slice of dy.
 * @throws ArgumentError for no input or a bad axis, ShapeError where another axis differs.
 */
export function concat(inputs: readonly Tensor[], axis: number): Tensor {
  checkList("concat: inputs", inputs);
  const first = inputs[0];
  if (first === undefined) throw new ArgumentError("concat: there is no input");
  checkTensor("concat", first);
  return apply(concatOp, inputs, { axis: normalizeAxis("concat", axis, first.shape.length) });
}

function joinedShape(a: PartialShape, b: PartialShape, axis: number): PartialShape {
  const matches = a.length === b.length && a.every((dim, i) => i === axis || compatible(dim, b[i]!));
  if (!matches) {
    throw new ShapeError(`concat: inputs ${formatShape(a)} and ${formatShape(b)} differ in another axis than ${axis}`);
  }
  const sum = a[axis] === null || b[axis] === null ? null : a[axis]! + b[axis]!;
  return a.map((dim, i) => (i === axis ? sum : (dim ?? b[i]!)));
}
