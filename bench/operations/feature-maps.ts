import { addBias, avgPool, batchNorm, maxPool, relu, resizeBilinear } from "../../src/ops/index.ts";
import type { PoolOptions } from "../../src/ops/index.ts";
import { reluGrad } from "../../src/ops/gradients/relu-grad.ts";
import type { Shape } from "../../src/shape.ts";
import { gradientsOf, operation, type Benchmark } from "../benchmark.ts";
import { normalized, pooled, type Maps } from "../shapes.ts";

const POOL: PoolOptions = { window: 2, strides: 2, padding: "same" };

/** What happens to feature maps between convolutions: bias, relu, pooling, batch norm, resizing, and the gradients. */
export const featureMaps: readonly Benchmark[] = [
  ...pooled.flatMap(biasAndPools),
  ...normalized.flatMap(normalization),
  ...normalized.slice(1).flatMap(doubling),
];

function biasAndPools({ layer, x }: Maps): Benchmark[] {
  const [batch, height, width, channels] = x as [number, number, number, number];
  const y: Shape = [batch, height / 2, width / 2, channels];
  return [
    operation({ operation: "addBias", layer, inputs: [x, [channels]] }, addBias),
    operation({ operation: "relu", layer, inputs: [x] }, relu),
    operation({ operation: "reluGrad", layer, inputs: [x, x] }, reluGrad),
    operation({ operation: "avgPool", layer, inputs: [x] }, (x) => avgPool(x, POOL)),
    operation({ operation: "avgPool gradient", layer, inputs: [y, x] }, (dy, x) => gradientsOf(avgPool(x, POOL), dy)[0]!),
    operation({ operation: "maxPool", layer, inputs: [x] }, (x) => maxPool(x, POOL)),
    operation({ operation: "maxPool gradient", layer, inputs: [y, x] }, (dy, x) => gradientsOf(maxPool(x, POOL), dy)[0]!),
  ];
}

/** The gradient's program holds the statistics of the forward pass as well. */
function normalization({ layer, x }: Maps): Benchmark[] {
  const beta: Shape = [x[3]!];
  return [
    operation({ operation: "batchNorm", layer, inputs: [x, beta] }, (x, beta) => batchNorm(x, beta)),
    operation(
      { operation: "batchNorm and gradient", layer, inputs: [x, x, beta] },
      (dy, x, beta) => gradientsOf(batchNorm(x, beta), dy)[0]!,
    ),
  ];
}

function doubling({ layer, x }: Maps): Benchmark[] {
  const [batch, height, width, channels] = x as [number, number, number, number];
  const size = [2 * height, 2 * width] as const;
  const y: Shape = [batch, ...size, channels];
  return [
    operation({ operation: "resizeBilinear", layer, inputs: [x] }, (x) => resizeBilinear(x, size)),
    operation(
      { operation: "resizeBilinear gradient", layer, inputs: [y, x] },
      (dy, x) => gradientsOf(resizeBilinear(x, size), dy)[0]!,
    ),
  ];
}
