// Gradients of a weight that is used twice, and other sums of products.
import { add, conv2d, matMul, neg, sub, tanh } from "../../src/engine/ops/index.ts";
import { sample, type Sample } from "./rewrite-samples.ts";

/** Samples for accumulateProducts. */
export const accumulations: readonly Sample[] = [
  sample(
    "a matrix that two products share",
    { a: [3, 4], b: [2, 4], weights: [4, 5] },
    ({ a, b, weights }) => [tanh(matMul(a!, weights!)), matMul(b!, weights!)],
    { gone: ["matMul"], kept: ["matMul"], made: ["matMul, accumulate"] },
  ),
  sample(
    "a matrix that three products share, transposed in one",
    { a: [3, 4], b: [2, 4], c: [2, 5], weights: [4, 5] },
    ({ a, b, c, weights }) => [matMul(a!, weights!), matMul(b!, weights!), matMul(c!, weights!, { transposeB: true })],
    { gone: ["matMul"], kept: ["matMul"], made: ["matMul, accumulate"] },
  ),
  sample(
    "a filter that two convolutions share",
    { a: [2, 4, 4, 2], b: [1, 5, 3, 2], filter: [3, 3, 2, 3] },
    ({ a, b, filter }) => [tanh(conv2d(a!, filter!)), conv2d(b!, filter!, { strides: 2 })],
    { gone: ["conv2dFilterGrad"], kept: ["conv2dFilterGrad"], made: ["conv2dFilterGrad, accumulate"] },
  ),
  sample(
    "a filter that two convolutions share, by FFT",
    { a: [2, 6, 6, 16], b: [1, 7, 6, 16], filter: [5, 5, 16, 17] },
    ({ a, b, filter }) => [tanh(conv2d(a!, filter!)), conv2d(b!, filter!)],
    { gone: ["conv2dFilterGrad"], kept: ["conv2dFilterGrad"], made: ["conv2dFilterGrad, accumulate"] },
  ),
  sample(
    "a filter that two convolutions share, on images in many pieces",
    { a: [70, 20, 20, 2], b: [3, 40, 40, 2], filter: [5, 5, 2, 3] },
    ({ a, b, filter }) => [tanh(conv2d(a!, filter!)), conv2d(b!, filter!)],
    { gone: ["conv2dFilterGrad"], kept: ["conv2dFilterGrad"], made: ["conv2dFilterGrad, accumulate"] },
  ),
  sample(
    "a filter that two convolutions share, each on one piece of several blocks",
    { a: [2, 12, 12, 2], b: [3, 11, 9, 2], filter: [5, 5, 2, 3] },
    ({ a, b, filter }) => [tanh(conv2d(a!, filter!)), conv2d(b!, filter!)],
    { gone: ["conv2dFilterGrad"], kept: ["conv2dFilterGrad"], made: ["conv2dFilterGrad, accumulate"] },
  ),
  sample(
    "a product of one block",
    { x: [3, 17], a: [3, 64], b: [64, 17] },
    ({ x, a, b }) => add(tanh(x!), matMul(a!, b!)),
    { gone: ["matMul"], kept: ["matMul"], made: ["matMul, accumulate"] },
  ),
  sample("a product of two blocks stays", { x: [3, 5], a: [3, 65], b: [65, 5] }, ({ x, a, b }) =>
    add(tanh(x!), matMul(a!, b!)),
  ),
  sample("a matrix that two large batches share stays", { a: [65, 4], b: [70, 4], weights: [4, 5] }, (inputs) => {
    const { a, b, weights } = inputs;
    return [tanh(matMul(a!, weights!)), matMul(b!, weights!)];
  }),
  sample(
    "x + a·b in the forward graph",
    { x: [3, 5], a: [3, 4], b: [4, 5] },
    ({ x, a, b }) => add(tanh(x!), matMul(a!, b!)),
    { gone: ["matMul"], kept: ["matMul"], made: ["matMul, accumulate"] },
  ),
  sample("a product that is fetched as well stays", { x: [3, 5], a: [3, 4], b: [4, 5] }, ({ x, a, b }) => {
    const product = matMul(a!, b!);
    return [add(x!, product), product];
  }),
  sample("a product that is added along a new axis stays", { x: [2, 3, 5], a: [3, 4], b: [4, 5] }, ({ x, a, b }) =>
    add(x!, matMul(a!, b!)),
  ),
  sample("a product that comes first stays", { x: [3, 5], a: [3, 4], b: [4, 5] }, ({ x, a, b }) =>
    add(matMul(a!, b!), neg(x!)),
  ),
  sample("a difference stays", { x: [3, 5], a: [3, 4], b: [4, 5] }, ({ x, a, b }) => sub(x!, matMul(a!, b!))),
];
