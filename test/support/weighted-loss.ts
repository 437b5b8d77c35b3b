import type { Tensor } from "../../src/engine/graph/tensor.ts";
import { mul } from "../../src/engine/ops/arithmetic.ts";
import { sum } from "../../src/engine/ops/sum.ts";
import { sizeOf, type Shape } from "../../src/engine/shape.ts";
import { apartValues, randomSource } from "./random.ts";

/** Σ y·w with fixed random weights w: a scalar in which any two elements of y have different weights. */
export function weightedLoss(y: Tensor, seed = 1): Tensor {
  const shape = y.shape as Shape;
  const weights = apartValues(randomSource(seed), sizeOf(shape), [-1, 1]);
  return sum(mul(y, y.graph.constant(weights, shape)));
}
