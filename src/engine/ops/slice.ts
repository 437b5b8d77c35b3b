// A block cut out of a tensor, and a tensor with a frame around it: each is the adjoint of the other.
import { checkList, checkNumbers } from "../arguments.ts";
import { ArgumentError, ShapeError } from "../errors.ts";
import { apply, checkTensor } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { stridedView } from "../lowering/strided-view.ts";
import { concrete, formatShape, stridesOf, type Dim, type PartialShape } from "../shape.ts";
import { on } from "./cases.ts";
import type { OpDefinition } from "./define-op.ts";

/** First index and number of elements along each axis; −1 means all elements from there on. */
export interface SliceAttributes {
  readonly begin: readonly number[];
  readonly size: readonly number[];
}

export const sliceOp: OpDefinition<SliceAttributes, 1> = {
  name: "slice",
  rows: ([x], _, y) => (x.length >= 2 && x[0] === y[0] ? 1 : 0),
  zeros: "few",
  withRows: (attributes, row) => ({ ...attributes, size: [-1, ...row] }),
  shape: ([x], attributes) => x.map((dim, axis) => sliceAxis(x, dim, axis, attributes)),
  gradient(dy, [x], { begin }) {
    const size = concrete(dy.shape);
    const paddings = concrete(x.shape).map((dim, axis) => [begin[axis]!, dim - begin[axis]! - size[axis]!] as const);
    return [pad(dy, paddings)];
  },
  lower(emit, y, [x], { begin }) {
    const strides = stridesOf(x.shape);
    const start = begin.reduce((offset, first, axis) => offset + first * strides[axis]!, 0);
    emit.call("stridedCopy", [y, x.part(start, x.size - start), stridedView(emit, y.shape, strides)], y.size);
  },
  cases: () => [on([5], { begin: [1], size: [3] }), on([3, 4, 5], { begin: [1, 0, 2], size: [2, -1, 3] })],
};

/**
 * The block of x that starts at `begin` and has `size` (−1: up to the end).  dx = dy with zeros around.
 * @throws ShapeError where the block leaves x, ArgumentError where begin or size do not give one number an axis.
 */
export function slice(x: Tensor, begin: readonly number[], size: readonly number[]): Tensor {
  checkTensor("slice", x);
  checkNumbers("slice: begin", begin);
  checkNumbers("slice: size", size);
  if (begin.length !== x.shape.length || size.length !== x.shape.length) {
    throw new ArgumentError(
      `slice: begin [${begin.join(",")}] and size [${size.join(",")}] ` +
        `do not match the axes of x ${formatShape(x.shape)}`,
    );
  }
  return apply(sliceOp, [x], { begin, size });
}

function sliceAxis(x: PartialShape, dim: Dim, axis: number, { begin, size }: SliceAttributes): Dim {
  const [first, count] = [begin[axis]!, size[axis]!];
  const integers = Number.isInteger(first) && Number.isInteger(count) && first >= 0 && (count >= 1 || count === -1);
  const fits = dim === null || (count === -1 ? first < dim : first + count <= dim);
  if (!integers || !fits) {
    throw new ShapeError(`slice: axis ${axis} of x ${formatShape(x)} has no ${count} elements from index ${first} on`);
  }
  if (count !== -1) return count;
  return dim === null ? null : dim - first;
}

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
  gradient(dy, [x], { paddings }) {
    const begin = paddings.map(([before]) => before);
    return [slice(dy, begin, concrete(x.shape))];
  },
  lower(emit, y, [x], { paddings, value }) {
    const strides = stridesOf(y.shape);
    const start = paddings.reduce((offset, [before], axis) => offset + before * strides[axis]!, 0);
    emit.call("fill", [y, value], y.size);
    emit.call("stridedStore", [y.part(start, y.size - start), x, stridedView(emit, x.shape, strides)], x.size);
  },
  cases: () => [
    on([3], { paddings: [[1, 2]], value: 0 }),
    on([2, 3, 2], { paddings: [[0, 1], [2, 0], [1, 1]], value: 0.5 }), // prettier-ignore
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
