import { conv2dFilterGrad, conv2dInputGrad } from "../../src/engine/ops/conv2d.ts";
import { conv2d, conv2dTranspose, resizeBilinear } from "../../src/engine/ops/index.ts";
import { sizeOf, type Shape } from "../../src/engine/shape.ts";
import type { WindowAttributes } from "../../src/engine/window.ts";
import { operation, type Benchmark } from "../benchmark.ts";
import { BATCH, convLayers, type ConvLayer } from "../shapes.ts";

/** The three passes of every convolution; then one with the resize before it, which compiling makes one convolution. */
export const convolutions: readonly Benchmark[] = [
  ...convLayers.flatMap(threePasses),
  resizedConvolution(),
  transposedConvolution(),
];

function threePasses({ layer, x: xShape, filter: filterShape, strides }: ConvLayer): Benchmark[] {
  const [batch, height, width] = xShape as [number, number, number];
  const yShape: Shape = [batch, height / strides, width / strides, filterShape[3]!];
  const flops = 2 * sizeOf(yShape) * sizeOf(filterShape.slice(0, 3));
  const window: WindowAttributes = { strides: [strides, strides], padding: "same" };
  return [
    operation({ operation: "conv2d", layer, inputs: [xShape, filterShape], flops }, (x, filter) =>
      conv2d(x, filter, window),
    ),
    operation({ operation: "conv2dFilterGrad", layer, inputs: [yShape, xShape], flops }, (dy, x) =>
      conv2dFilterGrad(dy, x, { ...window, filterShape }),
    ),
    operation({ operation: "conv2dInputGrad", layer, inputs: [yShape, filterShape], flops }, (dy, filter) =>
      conv2dInputGrad(dy, filter, { ...window, xShape }),
    ),
  ];
}

/** G.conv3 as the tutorial writes it; the flops are those of the convolution it collapses to. */
function resizedConvolution(): Benchmark {
  const { layer, x, filter } = convLayers.find(({ layer }) => layer === "G.conv3")!;
  const [, , inChannels, outChannels] = filter as [number, number, number, number];
  const [batch, height, width] = x as [number, number, number];
  const flops = 2 * batch * height * width * sizeOf(filter);
  return operation(
    { operation: "resize, conv2d", layer, inputs: [x, [3, 3, inChannels, outChannels]], flops },
    (x, filter) => conv2d(resizeBilinear(x, [2 * height, 2 * width]), filter, { strides: 2, padding: "same" }),
  );
}

/** A layer as other GANs double their images by: windows of 5×5 that are 2 apart. */
function transposedConvolution(): Benchmark {
  const [x, filter] = [
    [BATCH, 14, 14, 64],
    [5, 5, 32, 64],
  ] as const;
  const flops = 2 * sizeOf(x) * sizeOf(filter.slice(0, 3));
  return operation({ operation: "conv2dTranspose", layer: "14×14 to 28×28", inputs: [x, filter], flops }, (x, filter) =>
    conv2dTranspose(x, filter, { strides: 2 }),
  );
}
