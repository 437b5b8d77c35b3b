import { apply, saved } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Shape } from "../shape.ts";
import { windowGeometry } from "../window.ts";
import type { OpDefinition } from "./define-op.ts";
import { maxPoolGrad } from "./gradients/max-pool-grad.ts";
import { geometryTable } from "../lowering/convolution/geometry-table.ts";
import { poolAttributes, poolShape, type PoolAttributes, type PoolOptions } from "../lowering/pool-shape.ts";

export const maxPoolOp: OpDefinition<PoolAttributes, 1> = {
  name: "maxPool",
  rows: 1,
  zeros: "few",
  shape: ([x], attributes) => poolShape("maxPool", x, attributes),
  /** The winner's place in its window: row·width + column, as an integer. */
  saved: ([x], attributes) => [poolShape("maxPool", x, attributes) as Shape],
  gradient: (dy, [x], attributes, y) => [maxPoolGrad(dy, saved(y, 0), { ...attributes, xShape: x.shape as Shape })],
  lower(emit, y, [x], attributes, [index]) {
    const g = windowGeometry(x.shape, attributes.window, y.shape, attributes);
    emit.call("maxPool", [y, index!, x, geometryTable(emit, g)], g.batch * g.outHeight);
  },
  cases: [
    { inputs: [[2, 4, 4, 3]], attributes: { window: [2, 2], strides: [2, 2], padding: "same" } },
    { inputs: [[1, 5, 3, 2]], attributes: { window: [2, 2], strides: [2, 2], padding: "same" } },
    { inputs: [[1, 5, 6, 1]], attributes: { window: [3, 2], strides: [1, 2], padding: "same" } },
    { inputs: [[2, 5, 5, 4]], attributes: { window: [3, 3], strides: [2, 2], padding: "valid" } },
  ],
};

/**
 * The largest of each window of x [batch, height, width, channels]. The gradient of a tie goes to the first.
 * (https://www.tensorflow.org/api_docs/python/tf/nn/max_pool2d)
 * @throws ShapeError for another rank or a window that does not fit, ArgumentError for bad options.
 */
export function maxPool(x: Tensor, options: PoolOptions = {}): Tensor {
  return apply(maxPoolOp, [x], poolAttributes("maxPool", options));
}
