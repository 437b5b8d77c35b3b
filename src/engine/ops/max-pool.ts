import { apply, saved } from "../graph/graph.ts";
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

export const maxPoolOp: OpDefinition<PoolAttributes, 1> = {
  name: "maxPool",
  rows: 1,
  zeros: "few",
  shape: ([x], attributes) => poolShape("maxPool", x, attributes),
  /** The winner's place in its window: row·width + column, as an integer. */
  saved: ([x], attributes) => [concrete(poolShape("maxPool", x, attributes))],
  gradient: (dy, [x], attributes, y) => [maxPoolGrad(dy, saved(y, 0), { ...attributes, xShape: concrete(x.shape) })],
  lower(emit, y, [x], attributes, [index]) {
    const g = windowGeometry(x.shape, attributes.window, y.shape, attributes);
    emit.call("maxPool", [y, index!, x, geometryTable(emit, g)], g.batch * g.outHeight);
  },
  cases: poolCases,
};

/**
 * The largest element of each window of x [batch, height, width, channels]. In a tie the gradient goes to the first.
 * (https://www.tensorflow.org/api_docs/python/tf/nn/max_pool2d)
 * @throws ShapeError for another rank or a window that does not fit, ArgumentError for bad options.
 */
export function maxPool(x: Tensor, options: PoolOptions = {}): Tensor {
  return apply(maxPoolOp, [x], poolAttributes("maxPool", options));
}

export const maxPoolGradOp: OpDefinition<PoolGradAttributes, 2> = {
  ...partOfGradient("maxPoolGrad"),
  zeros: "few",
  shape: (_, { xShape }) => xShape,
  lower(emit, dx, [dy, index], attributes) {
    const g = windowGeometry(dx.shape, attributes.window, dy.shape, attributes);
    emit.call("maxPoolGrad", [dx, dy, index, geometryTable(emit, g)], g.batch * g.inHeight);
  },
  // All indices are 0 (the float 0 has the bits of the integer 0): the first element of each window is the winner.
  cases: () => [
    {
      ...on([2, 2, 2, 3], [2, 2, 2, 3], { window: [2, 2], strides: [2, 2], padding: "same", xShape: [2, 4, 4, 3] }),
      zeros: [1],
    },
  ],
};

/** dx [xShape] of maxPool: each dy goes to the element of its window that `index` names. */
export function maxPoolGrad(dy: Tensor, index: Tensor, attributes: PoolGradAttributes): Tensor {
  return apply(maxPoolGradOp, [dy, index], attributes);
}
