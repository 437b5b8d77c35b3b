import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { Shape } from "../../shape.ts";
import { windowGeometry } from "../../window.ts";
import { filterWindow } from "../conv2d.ts";
import { partOfGradient, type OpDefinition } from "../define-op.ts";
import type { Conv2dReluPoolAttributes } from "../fused/conv2d-relu-pool.ts";
import { emitFilterGradient } from "../../lowering/convolution/convolution.ts";
import { maskedPool, maskedSource, relusOf, tensorSource } from "../../lowering/convolution/images.ts";

/** The operation's attributes and the shape of the filter whose gradient this is. */
export interface Conv2dReluPoolFilterGradAttributes extends Conv2dReluPoolAttributes {
  readonly filterShape: Shape;
}

export const conv2dReluPoolFilterGradOp: OpDefinition<Conv2dReluPoolFilterGradAttributes, 3> = {
  ...partOfGradient("conv2dReluPoolFilterGrad"),
  zeros: "few",
  shape: (_, { filterShape }) => filterShape,
  lower(emit, dFilter, [dy, mask, x], attributes) {
    const between = relusOf(dy, mask);
    const geometry = windowGeometry(x.shape, filterWindow(dFilter.shape), between, attributes);
    const source = maskedSource(emit, maskedPool(dy, mask, attributes.pool));
    emitFilterGradient(emit, dFilter, tensorSource(x), source, geometry, false);
  },
  cases: [
    {
      inputs: [
        [2, 2, 3, 3],
        [2, 4, 5, 1],
        [2, 4, 5, 2],
      ],
      attributes: {
        strides: [1, 1],
        padding: "same",
        pool: { window: [2, 2], strides: [2, 2], padding: "same" },
        filterShape: [3, 3, 2, 3],
      },
      zeros: [1],
    },
  ],
};

/** dFilter [filterShape] of conv2dReluPool, from the pool's dy, the mask and x. */
export function conv2dReluPoolFilterGrad(
  dy: Tensor,
  mask: Tensor,
  x: Tensor,
  attributes: Conv2dReluPoolFilterGradAttributes,
): Tensor {
  return apply(conv2dReluPoolFilterGradOp, [dy, mask, x], attributes);
}
