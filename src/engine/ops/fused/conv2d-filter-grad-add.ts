import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { windowGeometry } from "../../window.ts";
import { filterWindow } from "../conv2d.ts";
import { partOfGradient, type OpDefinition } from "../define-op.ts";
import type { Conv2dFilterGradAttributes } from "../gradients/conv2d-filter-grad.ts";
import { emitFilterGradient } from "../../lowering/convolution/convolution.ts";
import { tensorSource } from "../../lowering/convolution/images.ts";

export const conv2dFilterGradAddOp: OpDefinition<Conv2dFilterGradAttributes, 3> = {
  ...partOfGradient("conv2dFilterGradAdd"),
  zeros: "few",
  shape: (_, { filterShape }) => filterShape,
  lower(emit, dFilter, [addend, dy, x], attributes) {
    if (!emit.inPlace(dFilter, addend)) emit.call("copy", [dFilter, addend], dFilter.size);
    const geometry = windowGeometry(x.shape, filterWindow(dFilter.shape), dy.shape, attributes);
    emitFilterGradient(emit, dFilter, tensorSource(x), tensorSource(dy), geometry, true);
  },
  cases: [
    {
      inputs: [
        [3, 3, 2, 3],
        [2, 4, 5, 3],
        [2, 4, 5, 2],
      ],
      attributes: { strides: [1, 1], padding: "same", filterShape: [3, 3, 2, 3] },
    },
  ],
};

/**
 * addend + dFilter of conv2d, each sum finished before it is added where the addend lies: the bits are those of `add`.
 */
export function conv2dFilterGradAdd(
  addend: Tensor,
  dy: Tensor,
  x: Tensor,
  attributes: Conv2dFilterGradAttributes,
): Tensor {
  return apply(conv2dFilterGradAddOp, [addend, dy, x], attributes);
}
