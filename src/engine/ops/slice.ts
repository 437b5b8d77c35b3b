import { checkNumbers } from "../arguments.ts";
import { ArgumentError, ShapeError } from "../errors.ts";
import { apply, checkTensor } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { formatShape, stridesOf, type Dim, type PartialShape, type Shape } from "../shape.ts";
import type { OpDefinition } from "./define-op.ts";
import { stridedView } from "../lowering/strided-view.ts";
import { pad } from "./pad.ts";

/** First index of each axis, and how many; −1 is all that follow. */
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
    const after = (x.shape as Shape).map((dim, axis) => dim - begin[axis]! - (dy.shape as Shape)[axis]!);
    return [
      pad(
        dy,
        begin.map((before, axis) => [before, after[axis]!]),
      ),
    ];
  },
  lower(emit, y, [x], { begin }) {
    const strides = stridesOf(x.shape);
    const start = begin.reduce((offset, first, axis) => offset + first * strides[axis]!, 0);
    emit.call("stridedCopy", [y, x.part(start, x.size - start), stridedView(emit, y.shape, strides)], y.size);
  },
  cases: [
    { inputs: [[5]], attributes: { begin: [1], size: [3] } },
    { inputs: [[3, 4, 5]], attributes: { begin: [1, 0, 2], size: [2, -1, 3] } },
  ],
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
      `slice: begin [${begin.join(",")}] and size [${size.join(",")}] do not match the axes of x ${formatShape(x.shape)}`,
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
