import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { windowGeometry } from "../../window.ts";
import { partOfGradient, type OpDefinition } from "../define-op.ts";
import { geometryTable } from "../../lowering/convolution/geometry-table.ts";
import type { PoolGradAttributes } from "./avg-pool-grad.ts";

export const maxPoolGradOp: OpDefinition<PoolGradAttributes, 2> = {
  ...partOfGradient("maxPoolGrad"),
  zeros: "few",
  shape: (_, { xShape }) => xShape,
  lower(emit, dx, [dy, index], attributes) {
    const g = windowGeometry(dx.shape, attributes.window, dy.shape, attributes);
    emit.call("maxPoolGrad", [dx, dy, index, geometryTable(emit, g)], g.batch * g.inHeight);
  },
  // All indices 0 (the float 0 has the bits of the integer 0): the winner is each window's first element.
  cases: [
    {
      inputs: [
        [2, 2, 2, 3],
        [2, 2, 2, 3],
      ],
      attributes: { window: [2, 2], strides: [2, 2], padding: "same", xShape: [2, 4, 4, 3] },
      zeros: [1],
    },
  ],
};

/** dx [xShape] of maxPool: each dy goes to the element of its window that `index` names. */
export function maxPoolGrad(dy: Tensor, index: Tensor, attributes: PoolGradAttributes): Tensor {
  return apply(maxPoolGradOp, [dy, index], attributes);
}
