import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { Shape } from "../../shape.ts";
import { windowGeometry, type WindowAttributes } from "../../window.ts";
import { filterWindow } from "../conv2d.ts";
import { partOfGradient, type OpDefinition } from "../define-op.ts";
import { emitInputGradient } from "../../lowering/convolution/convolution.ts";
import { tensorSource, tensorTarget } from "../../lowering/convolution/images.ts";

/** The convolution's attributes and the shape of the x whose gradient this is. */
export interface Conv2dInputGradAttributes extends WindowAttributes {
  readonly xShape: Shape;
}

export const conv2dInputGradOp: OpDefinition<Conv2dInputGradAttributes, 2> = {
  ...partOfGradient("conv2dInputGrad"),
  zeros: "few",
  shape: (_, { xShape }) => xShape,
  lower(emit, dx, [dy, filter], attributes) {
    const geometry = windowGeometry(dx.shape, filterWindow(filter.shape), dy.shape, attributes);
    emitInputGradient(emit, tensorTarget(dx), tensorSource(dy), filter, geometry);
  },
  cases: [
    {
      inputs: [
        [2, 4, 5, 3],
        [3, 3, 2, 3],
      ],
      attributes: { strides: [1, 1], padding: "same", xShape: [2, 4, 5, 2] },
    },
    {
      inputs: [
        [2, 3, 3, 3],
        [3, 3, 17, 3],
      ],
      attributes: { strides: [1, 1], padding: "valid", xShape: [2, 5, 5, 17] },
    },
    {
      inputs: [
        [2, 3, 3, 2],
        [3, 3, 1, 2],
      ],
      attributes: { strides: [2, 2], padding: "same", xShape: [2, 6, 5, 1] },
    },
  ],
};

/** dx [xShape] of conv2d, from dy [batch, outHeight, outWidth, outChannels] and the filter. */
export function conv2dInputGrad(dy: Tensor, filter: Tensor, attributes: Conv2dInputGradAttributes): Tensor {
  return apply(conv2dInputGradOp, [dy, filter], attributes);
}
