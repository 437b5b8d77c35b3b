import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { broadcastShapes, type Shape } from "../../shape.ts";
import type { OpDefinition } from "../define-op.ts";
import { broadcastStrides, stridedView } from "../../lowering/strided-view.ts";
import { sumTo } from "../sum-to.ts";

/** The shape to stretch to. */
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
  cases: [
    { inputs: [[3, 1]], attributes: { to: [2, 3, 4] } },
    { inputs: [[]], attributes: { to: [5] } },
  ],
};

/** x repeated along new axes and axes of size 1 until it has shape `to`.  dx = dy summed over them. */
export function broadcastTo(x: Tensor, to: Shape): Tensor {
  return apply(broadcastToOp, [x], { to });
}
