import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { Shape } from "../../shape.ts";
import { windowGeometry, type WindowAttributes } from "../../window.ts";
import { filterWindow } from "../conv2d.ts";
import { partOfGradient, type OpDefinition } from "../define-op.ts";
import { emitFilterGradient } from "../../lowering/convolution/convolution.ts";
import { tensorSource } from "../../lowering/convolution/images.ts";

/** The convolution's attributes and the shape of the filter whose gradient this is. */
export interface Conv2dFilterGradAttributes extends WindowAttributes {
  readonly filterShape: Shape;
}

export const conv2dFilterGradOp: OpDefinition<Conv2dFilterGradAttributes, 2> = {
  ...partOfGradient("conv2dFilterGrad"),
  zeros: "few",
  shape: (_, { filterShape }) => filterShape,
  lower(emit, dFilter, [dy, x], attributes) {
    const geometry = windowGeometry(x.shape, filterWindow(dFilter.shape), dy.shape, attributes);
    emitFilterGradient(emit, dFilter, tensorSource(x), tensorSource(dy), geometry, false);
  },
  cases: [
    {
      inputs: [
        [2, 4, 5, 3],
        [2, 4, 5, 2],
      ],
      attributes: { strides: [1, 1], padding: "same", filterShape: [3, 3, 2, 3] },
    },
    {
      inputs: [
        [2, 3, 3, 2],
        [2, 6, 5, 1],
      ],
      attributes: { strides: [2, 2], padding: "same", filterShape: [3, 3, 1, 2] },
    },
  ],
};

/** dFilter [filterShape] of conv2d, from dy [batch, outHeight, outWidth, outChannels] and x. */
export function conv2dFilterGrad(dy: Tensor, x: Tensor, attributes: Conv2dFilterGradAttributes): Tensor {
  return apply(conv2dFilterGradOp, [dy, x], attributes);
}
