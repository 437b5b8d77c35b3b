import { checkNumbers } from "../arguments.ts";
import { ShapeError } from "../errors.ts";
import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { concrete, formatShape, isConcrete, MAX_RANK, sizeOf, type PartialShape, type Shape } from "../shape.ts";
import { on } from "./cases.ts";
import type { OpDefinition } from "./define-op.ts";

/** The new shape. One axis may be −1: its size follows from the number of elements. */
export interface ReshapeAttributes {
  readonly shape: Shape;
}

export const reshapeOp: OpDefinition<ReshapeAttributes, 1> = {
  name: "reshape",
  rows: ([x], _, y) => (x.length >= 2 && x[0] === y[0] ? 1 : 0),
  zeros: "as input",
  withRows: (_, row) => ({ shape: [-1, ...row] }),
  shape: ([x], { shape }) => reshaped(x, shape),
  gradient: (dy, [x]) => [reshape(dy, concrete(x.shape))],
  lower: (emit, y, [x]) => emit.alias(y, x),
  cases: () => [on([2, 6], { shape: [3, -1] }), on([2, 3], { shape: [6] })],
};

/**
 * The same elements, row-major, under another shape; nothing is copied.  dx = dy in x's shape.
 * @throws ShapeError where the numbers of elements differ, more than one axis is −1, or there are more than 8.
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  return apply(reshapeOp, [x], { shape });
}

function reshaped(x: PartialShape, shape: Shape): PartialShape {
  checkNumbers("reshape: shape", shape);
  const rule = `reshape: x ${formatShape(x)} does not fit shape ${formatShape(shape)}`;
  if (!shape.every((dim) => dim === -1 || (Number.isInteger(dim) && dim >= 1))) {
    throw new ShapeError(`${rule}: an axis is neither an integer ≥ 1 nor −1`);
  }
  const open = shape.filter((dim) => dim === -1).length;
  if (open > 1) throw new ShapeError(`${rule}: more than one axis is −1`);
  if (shape.length > MAX_RANK) throw new ShapeError(`${rule}: at most ${MAX_RANK} axes are allowed`);
  const known = sizeOf(shape.filter((dim) => dim !== -1));
  if (!isConcrete(x)) return shape.map((dim) => (dim === -1 ? null : dim));
  const rest = sizeOf(x) / known;
  if (open === 0 ? rest !== 1 : !Number.isInteger(rest)) {
    throw new ShapeError(`${rule}: ${sizeOf(x)} elements against ${known}`);
  }
  return shape.map((dim) => (dim === -1 ? rest : dim));
}
