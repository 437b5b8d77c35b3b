import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { Shape } from "../../shape.ts";
import { windowGeometry } from "../../window.ts";
import { partOfGradient, type OpDefinition } from "../define-op.ts";
import { geometryTable } from "../../lowering/convolution/geometry-table.ts";
import type { PoolAttributes } from "../../lowering/pool-shape.ts";

/** The pool's attributes and the shape of the x whose gradient this is. */
export interface PoolGradAttributes extends PoolAttributes {
  readonly xShape: Shape;
}

export const avgPoolGradOp: OpDefinition<PoolGradAttributes, 1> = {
  ...partOfGradient("avgPoolGrad"),
  zeros: "few",
  shape: (_, { xShape }) => xShape,
  lower(emit, dx, [dy], attributes) {
    const g = windowGeometry(dx.shape, attributes.window, dy.shape, attributes);
    emit.call("avgPoolGrad", [dx, dy, geometryTable(emit, g)], g.batch * g.inHeight);
  },
  cases: [
    { inputs: [[2, 2, 2, 3]], attributes: { window: [2, 2], strides: [2, 2], padding: "same", xShape: [2, 4, 4, 3] } },
    { inputs: [[1, 3, 2, 2]], attributes: { window: [2, 2], strides: [2, 2], padding: "same", xShape: [1, 5, 3, 2] } },
  ],
};

/** dx [xShape] of avgPool: each dy is spread evenly over the elements of its window. */
export function avgPoolGrad(dy: Tensor, attributes: PoolGradAttributes): Tensor {
  return apply(avgPoolGradOp, [dy], attributes);
}
