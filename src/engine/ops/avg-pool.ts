import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { geometryTable } from "../lowering/convolution/geometry-table.ts";
import {
  poolAttributes,
  poolShape,
  type PoolAttributes,
  type PoolGradAttributes,
  type PoolOptions,
} from "../lowering/pool-shape.ts";
import { concrete } from "../shape.ts";
import { windowGeometry } from "../window.ts";
import { on, poolCases } from "./cases.ts";
import { partOfGradient, type OpDefinition } from "./define-op.ts";

export const avgPoolOp: OpDefinition<PoolAttributes, 1> = {
  name: "avgPool",
  rows: 1,
  zeros: "few",
  shape: ([x], attributes) => poolShape("avgPool", x, attributes),
  gradient: (dy, [x], attributes) => [avgPoolGrad(dy, { ...attributes, xShape: concrete(x.shape) })],
  lower(emit, y, [x], attributes) {
    const g = windowGeometry(x.shape, attributes.window, y.shape, attributes);
    emit.call("avgPool", [y, x, geometryTable(emit, g)], g.batch * g.outHeight);
  },
  cases: poolCases,
};

/**
 * The mean of each window of x [batch, height, width, channels]. At a border, only the elements inside the image count.
 * (https://www.tensorflow.org/api_docs/python/tf/nn/avg_pool)
 * @throws ShapeError for another rank or a window that does not fit, ArgumentError for bad options.
 */
export function avgPool(x: Tensor, options: PoolOptions = {}): Tensor {
  return apply(avgPoolOp, [x], poolAttributes("avgPool", options));
}

export const avgPoolGradOp: OpDefinition<PoolGradAttributes, 1> = {
  ...partOfGradient("avgPoolGrad"),
  zeros: "few",
  shape: (_, { xShape }) => xShape,
  lower(emit, dx, [dy], attributes) {
    const g = windowGeometry(dx.shape, attributes.window, dy.shape, attributes);
    emit.call("avgPoolGrad", [dx, dy, geometryTable(emit, g)], g.batch * g.inHeight);
  },
  cases: () => [
    on([2, 2, 2, 3], { window: [2, 2], strides: [2, 2], padding: "same", xShape: [2, 4, 4, 3] }),
    on([1, 3, 2, 2], { window: [2, 2], strides: [2, 2], padding: "same", xShape: [1, 5, 3, 2] }),
  ],
};

/** dx [xShape] of avgPool: each dy is spread evenly over the elements of its window. */
export function avgPoolGrad(dy: Tensor, attributes: PoolGradAttributes): Tensor {
  return apply(avgPoolGradOp, [dy], attributes);
}
