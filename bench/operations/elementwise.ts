import type { Tensor } from "../../src/engine/graph/tensor.ts";
import { abs, add, div, exp, gelu, leakyRelu, log, maximum, mul, neg, sigmoid } from "../../src/engine/ops/index.ts";
import { softplus, sqrt, square, sub, tanh, zerosLike } from "../../src/engine/ops/index.ts";
import { absGrad, geluGrad, leakyReluGrad, sigmoidGrad, tanhGrad } from "../../src/engine/ops/unary.ts";
import { equal, greaterEqual, scale } from "../../src/engine/ops/arithmetic.ts";
import { kernelCalls, operation, type Benchmark } from "../benchmark.ts";
import { logits, pixels, pooled } from "../shapes.ts";

type Unary = (x: Tensor) => Tensor;
type Binary = (a: Tensor, b: Tensor) => Tensor;

/** The largest maps of the discriminator: what operations the GAN does not use are timed on as well. */
const { layer, x } = pooled[0]!;

const unary: Readonly<Record<string, Unary>> = { neg, abs, square, sqrt, exp, log, sigmoid, tanh, softplus, gelu };
const binary: Readonly<Record<string, Binary>> = { add, sub, mul, div, maximum, equal, greaterEqual };
const gradients: Readonly<Record<string, Binary>> = { absGrad, sigmoidGrad, tanhGrad, geluGrad };

/** One element in, one element out. */
export const elementwise: readonly Benchmark[] = [
  kernelCalls({ operation: "copy", layer, inputs: [x] }, (emit) => {
    const [y, from] = [emit.scratch(x), emit.scratch(x)];
    emit.call("copy", [y, from], y.size);
  }),
  operation({ operation: "zerosLike", layer, inputs: [x] }, zerosLike),
  operation({ operation: "scale", layer, inputs: [x] }, (x) => scale(x, 0.5)),
  operation({ operation: "leakyRelu", layer, inputs: [x] }, (x) => leakyRelu(x)),
  operation({ operation: "leakyReluGrad", layer, inputs: [x, x] }, (dy, x) => leakyReluGrad(dy, x, 0.2)),
  ...Object.entries(unary).map(([name, apply]) => operation({ operation: name, layer, inputs: [x] }, apply)),
  ...Object.entries(gradients).map(([name, apply]) => operation({ operation: name, layer, inputs: [x, x] }, apply)),
  ...Object.entries(binary).map(([name, apply]) => operation({ operation: name, layer, inputs: [x, x] }, apply)),
  operation({ operation: "mul by channel", layer, inputs: [x, [x[3]!]] }, mul),
  operation({ operation: "add one number", layer, inputs: [x, []] }, add),
  operation({ operation: "sigmoid", layer: pixels.layer, inputs: [pixels.x] }, sigmoid),
  operation({ operation: "sigmoidGrad", layer: pixels.layer, inputs: [pixels.x, pixels.x] }, sigmoidGrad),
  operation({ operation: "zerosLike", layer: logits.layer, inputs: [logits.x] }, zerosLike),
];
