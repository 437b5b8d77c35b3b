// Sums over axes, and their adjoint: repeating along axes.
import { checkOptionNames } from "../arguments.ts";
import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { lowerSum, reducedShape, type ReduceAttributes } from "../lowering/reduce.ts";
import { broadcastStrides, stridedView } from "../lowering/strided-view.ts";
import { broadcastShapes, concrete, normalizeAxes, sameShape, type PartialShape, type Shape } from "../shape.ts";
import { on, reductionCases } from "./cases.ts";
import type { OpDefinition } from "./define-op.ts";
import { reshape } from "./reshape.ts";

export const sumOp: OpDefinition<ReduceAttributes, 1> = {
  name: "sum",
  rows: 0,
  zeros: "few",
  shape: ([x], attributes) => reducedShape("sum", x, attributes),
  gradient: (dy, [x], { axes }) => [broadcastTo(expandDims("sum", dy, x, axes), concrete(x.shape))],
  lower: (emit, y, [x], { axes }) => lowerSum(emit, "sum", y, x, axes, false),
  cases: reductionCases,
};

/**
 * y = Σ x over the axes (default all).  dx = dy, broadcast. The order of summation is fixed: blocks of 256, then the
 * blocks' sums in order. @throws ArgumentError for an axis that x does not have or that is named twice.
 */
export function sum(x: Tensor, attributes: ReduceAttributes = {}): Tensor {
  checkOptionNames("sum", attributes, ["axes", "keepDims"]);
  return apply(sumOp, [x], attributes);
}

/** The shape to broadcast to. */
export interface BroadcastAttributes {
  readonly to: Shape;
}

export const broadcastToOp: OpDefinition<BroadcastAttributes, 1> = {
  name: "broadcastTo",
  rows: 0,
  zeros: "few",
  shape: ([x], { to }) => broadcastShapes("broadcastTo", x, to),
  gradient: (dy, [x]) => [sumTo(dy, x.shape)],
  lower: (emit, y, [x]) =>
    emit.call("stridedCopy", [y, x, stridedView(emit, y.shape, broadcastStrides(x.shape, y.shape))], y.size),
  cases: () => [on([3, 1], { to: [2, 3, 4] }), on([], { to: [5] })],
};

/** x repeated along new axes and axes of size 1 until it has shape `to`.  dx = dy summed over them. */
export function broadcastTo(x: Tensor, to: Shape): Tensor {
  return apply(broadcastToOp, [x], { to });
}

/** The adjoint of broadcasting: sums dy over the axes along which `shape` was broadcast. */
export function sumTo(dy: Tensor, shape: PartialShape): Tensor {
  if (sameShape(dy.shape, shape)) return dy;
  const missing = dy.shape.length - shape.length;
  const repeated = dy.shape.map((_, axis) => axis).filter((axis) => axis < missing || shape[axis - missing] === 1);
  const summed = sum(dy, { axes: repeated, keepDims: true });
  return missing === 0 ? summed : reshape(summed, concrete(shape));
}

/**
 * A reduction's result (or its gradient) with the reduced axes of x back in place, of size 1, so that it broadcasts.
 */
export function expandDims(op: string, y: Tensor, x: Tensor, axes: readonly number[] | undefined): Tensor {
  const reduced = new Set(normalizeAxes(op, axes, x.shape.length));
  const shape = concrete(x.shape).map((dim, axis) => (reduced.has(axis) ? 1 : dim));
  return reshape(y, shape);
}
