import { apply, saved } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { Shape } from "../../shape.ts";
import { windowGeometry, type WindowAttributes } from "../../window.ts";
import { checkBias } from "../add-bias.ts";
import { convolutionShape, filterWindow } from "../conv2d.ts";
import type { OpDefinition } from "../define-op.ts";
import { conv2dReluPoolBiasGrad } from "../gradients/conv2d-relu-pool-bias-grad.ts";
import { conv2dReluPoolFilterGrad } from "../gradients/conv2d-relu-pool-filter-grad.ts";
import { conv2dReluPoolInputGrad } from "../gradients/conv2d-relu-pool-input-grad.ts";
import { emitConvolution } from "../../lowering/convolution/convolution.ts";
import { maskedPool, maskWords, poolTarget, tensorSource } from "../../lowering/convolution/images.ts";
import { poolShape, type PoolAttributes } from "../../lowering/pool-shape.ts";

/** The convolution's attributes and the pool's, whose windows do not overlap. */
export interface Conv2dReluPoolAttributes extends WindowAttributes {
  readonly pool: PoolAttributes;
}

export const conv2dReluPoolOp: OpDefinition<Conv2dReluPoolAttributes, 3> = {
  name: "conv2dReluPool",
  rows: 0,
  zeros: "few",
  shape([x, filter, bias], attributes) {
    const between = convolutionShape("conv2dReluPool", x, filter, attributes);
    checkBias("conv2dReluPool", between, bias);
    return poolShape("conv2dReluPool", between, attributes.pool);
  },
  /** Which elements relu let through, one bit each: [batch, height, width, ⌈channels/32⌉] integers. */
  saved([x, filter], attributes) {
    const [batch, height, width, channels] = convolutionShape("conv2dReluPool", x, filter, attributes) as Shape;
    return [[batch!, height!, width!, maskWords(channels!)]];
  },
  gradient(dy, [x, filter], attributes, y) {
    const mask = saved(y, 0);
    return [
      conv2dReluPoolInputGrad(dy, mask, filter, { ...attributes, xShape: x.shape as Shape }),
      conv2dReluPoolFilterGrad(dy, mask, x, { ...attributes, filterShape: filter.shape as Shape }),
      conv2dReluPoolBiasGrad(dy, mask, attributes),
    ];
  },
  lower(emit, y, [x, filter, bias], attributes, [mask]) {
    const between = convolutionShape("conv2dReluPool", x.shape, filter.shape, attributes) as Shape;
    const geometry = windowGeometry(x.shape, filterWindow(filter.shape), between, attributes);
    const target = poolTarget(emit, maskedPool(y, mask!, attributes.pool));
    emitConvolution(emit, target, tensorSource(x), filter, geometry, { bias, relu: true });
  },
  cases: [
    {
      inputs: [[2, 4, 5, 2], [3, 3, 2, 3], [3]],
      attributes: { strides: [1, 1], padding: "same", pool: { window: [2, 2], strides: [2, 2], padding: "same" } },
    },
    {
      inputs: [[2, 6, 5, 1], [2, 2, 1, 34], [34]],
      attributes: { strides: [1, 1], padding: "valid", pool: { window: [5, 2], strides: [5, 2], padding: "valid" } },
    },
    {
      inputs: [[1, 4, 3, 16], [2, 2, 16, 17], [17]],
      attributes: { strides: [1, 1], padding: "same", pool: { window: [2, 2], strides: [2, 2], padding: "same" } },
    },
  ],
};

/**
 * avgPool(relu(conv2d(x, filter) + bias)): what lies between is made chunk by chunk and not kept; its gradient needs only
 * on which side of 0 it was.
 */
export function conv2dReluPool(x: Tensor, filter: Tensor, bias: Tensor, attributes: Conv2dReluPoolAttributes): Tensor {
  return apply(conv2dReluPoolOp, [x, filter, bias], attributes);
}
