import { apply } from "../../src/engine/graph/graph.ts";
import { conv2dBiasGrad, conv2dFilterGrad, conv2dInputGrad, conv2dOp } from "../../src/engine/ops/conv2d.ts";
import { maskWords } from "../../src/engine/lowering/convolution/images.ts";
import { sizeOf, type Shape } from "../../src/engine/shape.ts";
import { operation, type Benchmark } from "../benchmark.ts";
import { BATCH, convLayers, type ConvLayer } from "../shapes.ts";

const WINDOW = { strides: [1, 1], padding: "same" } as const;
const POOL = { window: [2, 2], strides: [2, 2], padding: "same" } as const;

/**
 * The discriminator's convolutions as its step runs them: real and fake images as one batch, bias, relu and pool
 * joined.
 */
export const fusedConvolutions: readonly Benchmark[] = convLayers
  .filter(({ layer }) => layer.startsWith("D."))
  .flatMap(fourPasses);

function fourPasses({ layer: name, x, filter: filterShape }: ConvLayer): Benchmark[] {
  const [, height, width] = x as [number, number, number];
  const xShape: Shape = [2 * BATCH, ...x.slice(1)];
  const channels = filterShape[3]!;
  const dyShape: Shape = [2 * BATCH, height / 2, width / 2, channels];
  const maskShape: Shape = [2 * BATCH, height, width, maskWords(channels)];
  const flops = 2 * 2 * BATCH * height * width * sizeOf(filterShape);
  const layer = `${name} of ${2 * BATCH}`;
  return [
    operation(
      { operation: "conv2dReluPool", layer, inputs: [xShape, filterShape, [channels]], flops },
      (x, filter, bias) => apply(conv2dOp, [x, filter, bias], { ...WINDOW, bias: true, relu: true, pool: POOL }),
    ),
    operation(
      { operation: "conv2dReluPoolFilterGrad", layer, inputs: [dyShape, maskShape, xShape], flops },
      (dy, mask, x) => conv2dFilterGrad(dy, x, { ...WINDOW, filterShape }, { mask, pool: POOL }),
    ),
    operation(
      { operation: "conv2dReluPoolInputGrad", layer, inputs: [dyShape, maskShape, filterShape], flops },
      (dy, mask, filter) => conv2dInputGrad(dy, filter, { ...WINDOW, xShape }, { mask, pool: POOL }),
    ),
    operation({ operation: "conv2dReluPoolBiasGrad", layer, inputs: [dyShape, maskShape] }, (dy, mask) =>
      conv2dBiasGrad(dy, { mask, pool: POOL }),
    ),
  ];
}
