import type { Tensor } from "../graph/tensor.ts";
import { fillLike } from "../ops/fill-like.ts";
import { mean } from "../ops/mean.ts";
import { sigmoidCrossEntropy } from "../ops/sigmoid-cross-entropy.ts";
import { square } from "../ops/unary.ts";
import { sub } from "../ops/arithmetic.ts";

/** The mean sigmoid cross entropy of logits, all with the same label in [0, 1]: a scalar. */
export function binaryCrossEntropy(logits: Tensor, label: number): Tensor {
  return mean(sigmoidCrossEntropy(logits, fillLike(logits, label)));
}

/** The mean of (a − b)²: a scalar. @throws ShapeError where the shapes do not broadcast. */
export function meanSquaredError(a: Tensor, b: Tensor): Tensor {
  return mean(square(sub(a, b)));
}
