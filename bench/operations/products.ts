import { matMul } from "../../src/engine/ops/index.ts";
import { operation, type Benchmark } from "../benchmark.ts";
import { BATCH, denseLayers, type DenseLayer } from "../shapes.ts";

/** The product by which micro-kernels are compared: the whole packs its right-hand matrix, the kernel does not. */
const cube: Benchmark = operation(
  {
    operation: "matMul",
    layer: "512³",
    inputs: [
      [512, 512],
      [512, 512],
    ],
    flops: 2 * 512 ** 3,
  },
  (a, b) => matMul(a, b),
);

/** The cube, and the three passes of every fully connected layer. */
export const products: readonly Benchmark[] = [cube, ...denseLayers.flatMap(threePasses)];

function threePasses({ layer, inputs, outputs }: DenseLayer): Benchmark[] {
  const [x, weights, y] = [
    [BATCH, inputs],
    [inputs, outputs],
    [BATCH, outputs],
  ] as const;
  const flops = 2 * BATCH * inputs * outputs;
  return [
    operation({ operation: "matMul", layer, inputs: [x, weights], flops }, (x, weights) => matMul(x, weights)),
    operation({ operation: "matMul aᵀ·b", layer, inputs: [x, y], flops }, (x, dy) =>
      matMul(x, dy, { transposeA: true }),
    ),
    operation({ operation: "matMul a·bᵀ", layer, inputs: [y, weights], flops }, (dy, weights) =>
      matMul(dy, weights, { transposeB: true }),
    ),
  ];
}
