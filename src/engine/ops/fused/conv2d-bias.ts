import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { windowGeometry, type WindowAttributes } from "../../window.ts";
import { biasGradient, checkBias } from "../add-bias.ts";
import { convolutionGradients, convolutionShape, filterWindow } from "../conv2d.ts";
import type { OpDefinition } from "../define-op.ts";
import { reluGrad } from "../unary.ts";
import { emitConvolution } from "../../lowering/convolution/convolution.ts";
import { tensorSource, tensorTarget } from "../../lowering/convolution/images.ts";

/** The convolution's attributes, and whether relu follows the bias. */
export interface Conv2dBiasAttributes extends WindowAttributes {
  readonly relu: boolean;
}

export const conv2dBiasOp: OpDefinition<Conv2dBiasAttributes, 3> = {
  name: "conv2dBias",
  rows: 0,
  zeros: ({ relu }) => (relu ? "many" : "few"),
  shape([x, filter, bias], attributes) {
    const y = convolutionShape("conv2dBias", x, filter, attributes);
    checkBias("conv2dBias", y, bias);
    return y;
  },
  gradient(dy, [x, filter], { relu, strides, padding }, y) {
    const dz = relu ? reluGrad(dy, y) : dy;
    return [...convolutionGradients(dz, x, filter, { strides, padding }), biasGradient(dz)];
  },
  lower(emit, y, [x, filter, bias], attributes) {
    const geometry = windowGeometry(x.shape, filterWindow(filter.shape), y.shape, attributes);
    emitConvolution(emit, tensorTarget(y), tensorSource(x), filter, geometry, { bias, relu: attributes.relu });
  },
  cases: [
    { inputs: [[2, 4, 5, 2], [3, 3, 2, 3], [3]], attributes: { strides: [1, 1], padding: "same", relu: true } },
    { inputs: [[2, 6, 5, 1], [3, 3, 1, 2], [2]], attributes: { strides: [2, 2], padding: "valid", relu: false } },
  ],
};

/** conv2d(x, filter) + bias, then relu if asked: one operation for what `conv2d`, `addBias` and `relu` say. */
export function conv2dBias(x: Tensor, filter: Tensor, bias: Tensor, attributes: Conv2dBiasAttributes): Tensor {
  return apply(conv2dBiasOp, [x, filter, bias], attributes);
}
