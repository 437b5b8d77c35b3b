// Products of relu's outputs and of its gradients, which leave the zeros out, and other products.
import { addBias, avgPool, conv2d, matMul, relu, reshape, tanh } from "../../src/engine/ops/index.ts";
import { sample, type Sample, type Shapes } from "./rewrite-samples.ts";

const LAYER: Shapes = { x: [17, 50], weights: [50, 33] };
const TWO_LAYERS: Shapes = { x: [17, 50], weights: [50, 33], bias: [33], more: [33, 40] };

const BELOW = { gone: ["matMul"], kept: ["matMul"], made: ["matMul, zeros of a", "matMul, zeros of b"] };

/** Samples for skipZeros. */
export const sparseProducts: readonly Sample[] = [
  sample("a layer below relu", LAYER, ({ x, weights }) => relu(matMul(x!, weights!)), BELOW),
  // prettier-ignore
  sample("few images: the input gradient alone", { x: [15, 32], weights: [32, 97] }, ({ x, weights }) =>
    relu(matMul(x!, weights!)), { gone: ["matMul"], kept: ["matMul"], made: ["matMul, zeros of a"] }),
  sample("few images above relu stay", { x: [15, 50], weights: [50, 33] }, ({ x, weights }) =>
    tanh(matMul(relu(x!), weights!))), // prettier-ignore
  sample("a batch of many blocks", { x: [300, 33], weights: [33, 40] }, ({ x, weights }) =>
    relu(matMul(x!, weights!)), BELOW), // prettier-ignore
  sample("a layer above relu", LAYER, ({ x, weights }) => tanh(matMul(relu(x!), weights!)), {
    gone: ["matMul"],
    kept: ["matMul"],
    made: ["matMul, zeros of a"],
  }),
  sample(
    "a layer below relu and one above",
    TWO_LAYERS,
    ({ x, weights, bias, more }) => matMul(relu(addBias(matMul(x!, weights!), bias!)), more!),
    BELOW,
  ),
  sample(
    "a layer above convolution and relu",
    { x: [17, 3, 3, 2], filter: [3, 3, 2, 4], weights: [36, 32] },
    ({ x, filter, weights }) => matMul(reshape(relu(conv2d(x!, filter!)), [17, 36]), weights!),
    { gone: ["matMul"], kept: ["matMul"], made: ["matMul, zeros of a"] },
  ),
  sample(
    "a layer above relu and pool stays",
    { x: [17, 6, 6, 2], filter: [3, 3, 2, 4], weights: [36, 32] },
    ({ x, filter, weights }) => matMul(reshape(avgPool(relu(conv2d(x!, filter!))), [17, 36]), weights!),
  ),
  sample("few weights stay", { x: [17, 50], weights: [50, 31] }, ({ x, weights }) => relu(matMul(relu(x!), weights!))),
  sample("tanh stays", LAYER, ({ x, weights }) => tanh(matMul(tanh(x!), weights!))),
  // prettier-ignore
  sample("transposed weights below relu: their gradient stays", { x: [17, 50], weights: [33, 50] }, ({ x, weights }) =>
    relu(matMul(x!, weights!, { transposeB: true })),
    { gone: ["matMul"], kept: ["matMul"], made: ["matMul, zeros of a"] }),
];
