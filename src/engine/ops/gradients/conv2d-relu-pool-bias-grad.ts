import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { partOfGradient, type OpDefinition } from "../define-op.ts";
import type { Conv2dReluPoolAttributes } from "../fused/conv2d-relu-pool.ts";
import { combineBlocks, partialSums } from "../../lowering/columns.ts";
import { geometryTable } from "../../lowering/convolution/geometry-table.ts";
import { maskedPool } from "../../lowering/convolution/images.ts";

export const conv2dReluPoolBiasGradOp: OpDefinition<Conv2dReluPoolAttributes, 2> = {
  ...partOfGradient("conv2dReluPoolBiasGrad"),
  zeros: "few",
  shape: ([dy]) => [dy[3]!],
  lower(emit, dBias, [dy, mask], { pool }) {
    const { geometry } = maskedPool(dy, mask, pool);
    const { batch, inHeight, inWidth, inChannels } = geometry;
    const partial = partialSums(emit, batch * inHeight * inWidth, inChannels);
    emit.call("maskedAvgPoolGradSums", [partial, dy, mask, geometryTable(emit, geometry), 0], partial.shape[0]!);
    combineBlocks(emit, dBias, partial, 1);
  },
  cases: [
    {
      inputs: [
        [2, 2, 3, 3],
        [2, 4, 5, 1],
      ],
      attributes: { strides: [1, 1], padding: "same", pool: { window: [2, 2], strides: [2, 2], padding: "same" } },
      zeros: [1],
    },
  ],
};

/**
 * dBias [channels] of conv2dReluPool, from the pool's dy and the mask. From two channels on its order of summation, and so its
 * bits, are those of `biasGradient` on the gradient that is not made here.
 */
export function conv2dReluPoolBiasGrad(dy: Tensor, mask: Tensor, attributes: Conv2dReluPoolAttributes): Tensor {
  return apply(conv2dReluPoolBiasGradOp, [dy, mask], attributes);
}
