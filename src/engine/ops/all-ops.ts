import type { OpDefinition } from "./define-op.ts";
import { addOp } from "./add.ts";
import { subOp } from "./sub.ts";
import { mulOp } from "./mul.ts";
import { divOp } from "./div.ts";
import { negOp } from "./neg.ts";
import { expOp } from "./exp.ts";
import { logOp } from "./log.ts";
import { sqrtOp } from "./sqrt.ts";
import { squareOp } from "./square.ts";
import { absOp } from "./abs.ts";
import { maximumOp } from "./maximum.ts";
import { reluOp } from "./relu.ts";
import { leakyReluOp } from "./leaky-relu.ts";
import { sigmoidOp } from "./sigmoid.ts";
import { tanhOp } from "./tanh.ts";
import { softplusOp } from "./softplus.ts";
import { sumOp } from "./sum.ts";
import { meanOp } from "./mean.ts";
import { maxOp } from "./max.ts";
import { reshapeOp } from "./reshape.ts";
import { transposeOp } from "./transpose.ts";
import { concatOp } from "./concat.ts";
import { sliceOp } from "./slice.ts";
import { padOp } from "./pad.ts";
import { matMulOp } from "./mat-mul.ts";
import { addBiasOp } from "./add-bias.ts";
import { conv2dOp } from "./conv2d.ts";
import { avgPoolOp } from "./avg-pool.ts";
import { maxPoolOp } from "./max-pool.ts";
import { batchNormOp } from "./batch-norm.ts";
import { resizeBilinearOp } from "./resize-bilinear.ts";
import { sigmoidCrossEntropyOp } from "./sigmoid-cross-entropy.ts";
import { softmaxCrossEntropyOp } from "./softmax-cross-entropy.ts";
import { fillLikeOp } from "./fill-like.ts";
import { absGradOp } from "./gradients/abs-grad.ts";
import { avgPoolGradOp } from "./gradients/avg-pool-grad.ts";
import { batchNormGradOp } from "./gradients/batch-norm-grad.ts";
import { batchNormReluGradOp } from "./gradients/batch-norm-relu-grad.ts";
import { broadcastToOp } from "./gradients/broadcast-to.ts";
import { conv2dFilterGradOp } from "./gradients/conv2d-filter-grad.ts";
import { conv2dInputGradOp } from "./gradients/conv2d-input-grad.ts";
import { conv2dReluPoolBiasGradOp } from "./gradients/conv2d-relu-pool-bias-grad.ts";
import { conv2dReluPoolFilterGradOp } from "./gradients/conv2d-relu-pool-filter-grad.ts";
import { conv2dReluPoolInputGradOp } from "./gradients/conv2d-relu-pool-input-grad.ts";
import { equalOp } from "./gradients/equal.ts";
import { greaterEqualOp } from "./gradients/greater-equal.ts";
import { leakyReluGradOp } from "./gradients/leaky-relu-grad.ts";
import { maxPoolGradOp } from "./gradients/max-pool-grad.ts";
import { reluGradOp } from "./gradients/relu-grad.ts";
import { resizeBilinearGradOp } from "./gradients/resize-bilinear-grad.ts";
import { scaleOp } from "./gradients/scale.ts";
import { sigmoidCrossEntropyGradOp } from "./gradients/sigmoid-cross-entropy-grad.ts";
import { sigmoidGradOp } from "./gradients/sigmoid-grad.ts";
import { softmaxCrossEntropyGradOp } from "./gradients/softmax-cross-entropy-grad.ts";
import { tanhGradOp } from "./gradients/tanh-grad.ts";
import { addAtOp } from "./fused/add-at.ts";
import { batchNormReluOp } from "./fused/batch-norm-relu.ts";
import { conv2dBiasOp } from "./fused/conv2d-bias.ts";
import { conv2dFilterGradAddOp } from "./fused/conv2d-filter-grad-add.ts";
import { conv2dReluPoolOp } from "./fused/conv2d-relu-pool.ts";
import { mapFilterOp } from "./fused/map-filter.ts";
import { matMulAddOp } from "./fused/mat-mul-add.ts";
import { matMulBiasOp } from "./fused/mat-mul-bias.ts";

/** Every operation there is; the tests check each on all its cases. */
export const allOps: readonly OpDefinition[] = [
  addOp,
  subOp,
  mulOp,
  divOp,
  negOp,
  expOp,
  logOp,
  sqrtOp,
  squareOp,
  absOp,
  maximumOp,
  reluOp,
  leakyReluOp,
  sigmoidOp,
  tanhOp,
  softplusOp,
  sumOp,
  meanOp,
  maxOp,
  reshapeOp,
  transposeOp,
  concatOp,
  sliceOp,
  padOp,
  matMulOp,
  addBiasOp,
  conv2dOp,
  avgPoolOp,
  maxPoolOp,
  batchNormOp,
  resizeBilinearOp,
  sigmoidCrossEntropyOp,
  softmaxCrossEntropyOp,
  fillLikeOp,
  absGradOp,
  avgPoolGradOp,
  batchNormGradOp,
  batchNormReluGradOp,
  broadcastToOp,
  conv2dFilterGradOp,
  conv2dInputGradOp,
  conv2dReluPoolBiasGradOp,
  conv2dReluPoolFilterGradOp,
  conv2dReluPoolInputGradOp,
  equalOp,
  greaterEqualOp,
  leakyReluGradOp,
  maxPoolGradOp,
  reluGradOp,
  resizeBilinearGradOp,
  scaleOp,
  sigmoidCrossEntropyGradOp,
  sigmoidGradOp,
  softmaxCrossEntropyGradOp,
  tanhGradOp,
  addAtOp,
  batchNormReluOp,
  conv2dBiasOp,
  conv2dFilterGradAddOp,
  conv2dReluPoolOp,
  mapFilterOp,
  matMulAddOp,
  matMulBiasOp,
];
