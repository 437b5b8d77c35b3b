import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { Shape } from "../../shape.ts";
import { windowGeometry } from "../../window.ts";
import { filterWindow } from "../conv2d.ts";
import { partOfGradient, type OpDefinition } from "../define-op.ts";
import type { Conv2dReluPoolAttributes } from "../fused/conv2d-relu-pool.ts";
import { emitInputGradient } from "../../lowering/convolution/convolution.ts";
import { maskedPool, maskedSource, relusOf, tensorTarget } from "../../lowering/convolution/images.ts";

/** The operation's attributes and the shape of the x whose gradient this is. */
export interface Conv2dReluPoolInputGradAttributes extends Conv2dReluPoolAttributes {
  readonly xShape: Shape;
}

export const conv2dReluPoolInputGradOp: OpDefinition<Conv2dReluPoolInputGradAttributes, 3> = {
  ...partOfGradient("conv2dReluPoolInputGrad"),
  zeros: "few",
  shape: (_, { xShape }) => xShape,
  lower(emit, dx, [dy, mask, filter], attributes) {
    const between = relusOf(dy, mask);
    const geometry = windowGeometry(dx.shape, filterWindow(filter.shape), between, attributes);
    const source = maskedSource(emit, maskedPool(dy, mask, attributes.pool));
    emitInputGradient(emit, tensorTarget(dx), source, filter, geometry);
  },
  // A mask without a bit (the float 0 has the bits of the integer 0); conv2dReluPool's own cases have real ones.
  cases: [
    {
      inputs: [
        [2, 2, 3, 3],
        [2, 4, 5, 1],
        [3, 3, 2, 3],
      ],
      attributes: {
        strides: [1, 1],
        padding: "same",
        pool: { window: [2, 2], strides: [2, 2], padding: "same" },
        xShape: [2, 4, 5, 2],
      },
      zeros: [1],
    },
  ],
};

/** dx [xShape] of conv2dReluPool, from the pool's dy, the mask and the filter. */
export function conv2dReluPoolInputGrad(
  dy: Tensor,
  mask: Tensor,
  filter: Tensor,
  attributes: Conv2dReluPoolInputGradAttributes,
): Tensor {
  return apply(conv2dReluPoolInputGradOp, [dy, mask, filter], attributes);
}
