import { avgPoolGrad } from "../../src/engine/ops/avg-pool.ts";
import { batchNormGrad, batchNormReluGrad } from "../../src/engine/ops/batch-norm.ts";
import { maxPoolGrad } from "../../src/engine/ops/max-pool.ts";
import { reluGrad } from "../../src/engine/ops/unary.ts";
import { resizeBilinearGrad } from "../../src/engine/ops/resize-bilinear.ts";
import { addBias, avgPool, batchNorm, maxPool, relu, resizeBilinear } from "../../src/engine/ops/index.ts";
import type { Shape } from "../../src/engine/shape.ts";
import { operation, type Benchmark } from "../benchmark.ts";
import { normalized, pooled, type Maps } from "../shapes.ts";

const POOL = { window: [2, 2], strides: [2, 2], padding: "same" } as const;

/** What happens to feature maps between convolutions: bias, relu, pooling, batch norm, resizing, and the gradients. */
export const featureMaps: readonly Benchmark[] = [
  ...pooled.flatMap(biasAndPools),
  ...normalized.flatMap(normalization),
  ...normalized.slice(1).flatMap(doubling),
];

function biasAndPools({ layer, x: xShape }: Maps): Benchmark[] {
  const [batch, height, width, channels] = xShape as [number, number, number, number];
  const yShape: Shape = [batch, height / 2, width / 2, channels];
  return [
    operation({ operation: "addBias", layer, inputs: [xShape, [channels]] }, addBias),
    operation({ operation: "relu", layer, inputs: [xShape] }, relu),
    operation({ operation: "reluGrad", layer, inputs: [xShape, xShape] }, reluGrad),
    operation({ operation: "avgPool", layer, inputs: [xShape] }, (x) => avgPool(x, POOL)),
    operation({ operation: "avgPoolGrad", layer, inputs: [yShape] }, (dy) => avgPoolGrad(dy, { ...POOL, xShape })),
    operation({ operation: "maxPool", layer, inputs: [xShape] }, (x) => maxPool(x, POOL)),
    operation({ operation: "maxPoolGrad", layer, inputs: [yShape, yShape] }, (dy, index) =>
      maxPoolGrad(dy, index, { ...POOL, xShape }),
    ),
  ];
}

function normalization({ layer, x }: Maps): Benchmark[] {
  const channels: Shape = [x[3]!];
  return [
    operation({ operation: "batchNorm", layer, inputs: [x, channels] }, (x, beta) => batchNorm(x, beta)),
    operation({ operation: "batchNormGrad", layer, inputs: [x, x, channels, channels] }, batchNormGrad),
    operation({ operation: "batchNorm, relu", layer, inputs: [x, channels] }, (x, beta) => relu(batchNorm(x, beta))),
    operation(
      { operation: "batchNormReluGrad", layer, inputs: [x, x, channels, channels, channels] },
      batchNormReluGrad,
    ),
  ];
}

function doubling({ layer, x: xShape }: Maps): Benchmark[] {
  const [batch, height, width, channels] = xShape as [number, number, number, number];
  const size = [2 * height, 2 * width] as const;
  return [
    operation({ operation: "resizeBilinear", layer, inputs: [xShape] }, (x) => resizeBilinear(x, size)),
    operation({ operation: "resizeBilinearGrad", layer, inputs: [[batch, ...size, channels]] }, (dy) =>
      resizeBilinearGrad(dy, xShape),
    ),
  ];
}
