import { sigmoidCrossEntropyGrad } from "../../src/engine/ops/sigmoid-cross-entropy.ts";
import { softmaxCrossEntropyGrad } from "../../src/engine/ops/softmax-cross-entropy.ts";
import { max, mean, sigmoidCrossEntropy, softmaxCrossEntropy, sum } from "../../src/engine/ops/index.ts";
import { operation, type Benchmark } from "../benchmark.ts";
import { BATCH, logits, normalized, pooled } from "../shapes.ts";

const PER_CHANNEL = { axes: [0, 1, 2] } as const;

/** Ten classes, as MNIST has. */
const CLASSES = [BATCH, 10] as const;

/** Sums, maxima and the losses: many elements in, few out. */
export const reductions: readonly Benchmark[] = [
  ...[...pooled, ...normalized].map(({ layer, x }) =>
    operation({ operation: "sum per channel", layer, inputs: [x] }, (x) => sum(x, PER_CHANNEL)),
  ),
  ...pooled.map(({ layer, x }) =>
    operation({ operation: "mean of each pixel", layer, inputs: [x] }, (x) => mean(x, { axes: [3] })),
  ),
  ...pooled.map(({ layer, x }) =>
    operation({ operation: "max per channel", layer, inputs: [x] }, (x) => max(x, PER_CHANNEL)),
  ),
  operation(
    { operation: "sigmoidCrossEntropy", layer: logits.layer, inputs: [logits.x, logits.x] },
    sigmoidCrossEntropy,
  ),
  operation(
    { operation: "sigmoidCrossEntropyGrad", layer: logits.layer, inputs: [logits.x, logits.x, logits.x] },
    sigmoidCrossEntropyGrad,
  ),
  operation({ operation: "softmaxCrossEntropy", layer: "classes", inputs: [CLASSES, CLASSES] }, softmaxCrossEntropy),
  operation(
    { operation: "softmaxCrossEntropyGrad", layer: "classes", inputs: [[BATCH], CLASSES, CLASSES] },
    softmaxCrossEntropyGrad,
  ),
];
