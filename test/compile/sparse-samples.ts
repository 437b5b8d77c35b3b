// Gradients behind relu, whose zeros are left out, and others.
import { addBias, matMul, relu, tanh } from "../../src/ops/index.ts";
import { sample, type Sample, type Shapes } from "./rewrite-samples.ts";

const HIDDEN: Shapes = { x: [5, 50], weights: [50, 33], more: [33, 2] };

/** Samples for skipZeros. */
export const sparseProducts: readonly Sample[] = [
  sample("a dense layer with relu", { x: [5, 50], weights: [50, 33] }, ({ x, weights }) => relu(matMul(x!, weights!)), {
    gone: ["matMul"],
    kept: ["matMul"],
    made: ["sparseTimesTransposed", "transposedTimesSparse"],
  }),
  sample(
    "a dense layer with bias and relu below another",
    { ...HIDDEN, bias: [33] },
    ({ x, weights, bias, more }) => matMul(relu(addBias(matMul(x!, weights!), bias!)), more!),
    { gone: ["matMul"], kept: ["matMul"], made: ["sparseTimesTransposed", "transposedTimesSparse"] },
  ),
  sample(
    "one image through many outputs",
    { x: [1, 32], weights: [32, 97] },
    ({ x, weights }) => relu(matMul(x!, weights!)),
    { gone: ["matMul"], kept: ["matMul"], made: ["sparseTimesTransposed", "transposedTimesSparse"] },
  ),
  sample(
    "a batch of more than four blocks",
    { x: [300, 33], weights: [33, 40] },
    ({ x, weights }) => relu(matMul(x!, weights!)),
    { gone: ["matMul"], kept: ["matMul"], made: ["sparseTimesTransposed", "transposedTimesSparse"] },
  ),
  sample("few weights stay", { x: [5, 50], weights: [50, 31] }, ({ x, weights }) => relu(matMul(x!, weights!))),
  sample("tanh stays", { x: [5, 50], weights: [50, 33] }, ({ x, weights }) => tanh(matMul(x!, weights!))),
  sample("transposed weights stay", { x: [5, 50], weights: [33, 50] }, ({ x, weights }) =>
    relu(matMul(x!, weights!, { transposeB: true })),
  ),
  sample("a relu below the layer stays", HIDDEN, ({ x, weights, more }) =>
    matMul(tanh(matMul(relu(x!), weights!)), more!),
  ),
];
