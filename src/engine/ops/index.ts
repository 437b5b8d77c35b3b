// The operations that models are written with.
export { add, div, maximum, mul, neg, sub } from "./arithmetic.ts";
export {
  abs,
  exp,
  gelu,
  leakyRelu,
  log,
  relu,
  sigmoid,
  softplus,
  sqrt,
  square,
  tanh,
  type LeakyReluAttributes,
} from "./unary.ts";
export { sum } from "./sum.ts";
export { mean } from "./mean.ts";
export { max } from "./max.ts";
export { reshape } from "./reshape.ts";
export { transpose } from "./transpose.ts";
export { concat } from "./concat.ts";
export { pad, slice } from "./slice.ts";
export { matMul, type MatMulAttributes } from "./mat-mul.ts";
export { addBias } from "./add-bias.ts";
export { conv2d, type Conv2dOptions } from "./conv2d.ts";
export { conv2dTranspose, type Conv2dTransposeOptions } from "./conv2d-transpose.ts";
export { avgPool } from "./avg-pool.ts";
export { maxPool } from "./max-pool.ts";
export { batchNorm, type BatchNormAttributes } from "./batch-norm.ts";
export { resizeBilinear } from "./resize-bilinear.ts";
export { sigmoidCrossEntropy } from "./sigmoid-cross-entropy.ts";
export { softmaxCrossEntropy } from "./softmax-cross-entropy.ts";
export { fillLike, onesLike, zerosLike } from "./fill-like.ts";
export type { PoolOptions } from "../lowering/pool-shape.ts";
export type { ReduceAttributes } from "../lowering/reduce.ts";
