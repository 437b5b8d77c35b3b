import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Shape } from "../shape.ts";
import { windowGeometry } from "../window.ts";
import type { OpDefinition } from "./define-op.ts";
import { avgPoolGrad } from "./gradients/avg-pool-grad.ts";
import { geometryTable } from "../lowering/convolution/geometry-table.ts";
import { poolAttributes, poolShape, type PoolAttributes, type PoolOptions } from "../lowering/pool-shape.ts";

export const avgPoolOp: OpDefinition<PoolAttributes, 1> = {
  name: "avgPool",
  rows: 1,
  zeros: "few",
  shape: ([x], attributes) => poolShape("avgPool", x, attributes),
  gradient: (dy, [x], attributes) => [avgPoolGrad(dy, { ...attributes, xShape: x.shape as Shape })],
  lower(emit, y, [x], attributes) {
    const g = windowGeometry(x.shape, attributes.window, y.shape, attributes);
    emit.call("avgPool", [y, x, geometryTable(emit, g)], g.batch * g.outHeight);
  },
  cases: [
    { inputs: [[2, 4, 4, 3]], attributes: { window: [2, 2], strides: [2, 2], padding: "same" } },
    { inputs: [[1, 5, 3, 2]], attributes: { window: [2, 2], strides: [2, 2], padding: "same" } },
    { inputs: [[1, 5, 6, 1]], attributes: { window: [3, 2], strides: [1, 2], padding: "same" } },
    { inputs: [[2, 5, 5, 4]], attributes: { window: [3, 3], strides: [2, 2], padding: "valid" } },
  ],
};

/**
 * The mean of each window of x [batch, height, width, channels]; at a border, of the elements inside the image.
 * (https://www.tensorflow.org/api_docs/python/tf/nn/avg_pool)
 * @throws ShapeError for another rank or a window that does not fit, ArgumentError for bad options.
 */
export function avgPool(x: Tensor, options: PoolOptions = {}): Tensor {
  return apply(avgPoolOp, [x], poolAttributes("avgPool", options));
}
