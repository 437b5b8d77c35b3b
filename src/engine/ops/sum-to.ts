import type { Tensor } from "../graph/tensor.ts";
import { sameShape, type PartialShape } from "../shape.ts";
import { reshape } from "./reshape.ts";
import { sum } from "./sum.ts";

/** The adjoint of broadcasting: sums dy over the axes along which `shape` was stretched. */
export function sumTo(dy: Tensor, shape: PartialShape): Tensor {
  if (sameShape(dy.shape, shape)) return dy;
  const missing = dy.shape.length - shape.length;
  const stretched = dy.shape.map((_, axis) => axis).filter((axis) => axis < missing || shape[axis - missing] === 1);
  const summed = sum(dy, { axes: stretched, keepDims: true });
  return missing === 0 ? summed : reshape(summed, shape as number[]);
}
