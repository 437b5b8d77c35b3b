import { max, mean, sigmoidCrossEntropy, softmaxCrossEntropy, sum } from "../../src/ops/index.ts";
import { gradientsOf, operation, type Benchmark } from "../benchmark.ts";
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
  operation({ operation: "sigmoidCrossEntropy", layer: logits.layer, inputs: [logits.x, logits.x] }, sigmoidCrossEntropy),
  operation(
    { operation: "sigmoidCrossEntropy gradient", layer: logits.layer, inputs: [logits.x, logits.x, logits.x] },
    (dLoss, logits, labels) => gradientsOf(sigmoidCrossEntropy(logits, labels), dLoss)[0]!,
  ),
  operation({ operation: "softmaxCrossEntropy", layer: "classes", inputs: [CLASSES, CLASSES] }, softmaxCrossEntropy),
  operation(
    { operation: "softmaxCrossEntropy and gradient", layer: "classes", inputs: [[BATCH], CLASSES, CLASSES] },
    (dLoss, logits, labels) => gradientsOf(softmaxCrossEntropy(logits, labels), dLoss)[0]!,
  ),
];
