import { checkNumbers } from "../arguments.ts";
import { ArgumentError, ShapeError } from "../errors.ts";
import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { formatShape, type Shape } from "../shape.ts";
import type { Pair } from "../window.ts";
import type { OpDefinition } from "./define-op.ts";
import { resizeBilinearGrad } from "./gradients/resize-bilinear-grad.ts";

/** The new height and width, in pixels. */
export interface ResizeAttributes {
  readonly size: Pair;
}

export const resizeBilinearOp: OpDefinition<ResizeAttributes, 1> = {
  name: "resizeBilinear",
  rows: 1,
  zeros: "few",
  shape([x], { size }) {
    if (x.length !== 4)
      throw new ShapeError(`resizeBilinear: x ${formatShape(x)} is not [batch, height, width, channels]`);
    if (size.length !== 2 || !size.every((n) => Number.isInteger(n) && n >= 1)) {
      throw new ArgumentError(`resizeBilinear: size [${size.join(",")}] is not a pair of integers ≥ 1`);
    }
    return [x[0]!, size[0], size[1], x[3]!];
  },
  gradient: (dy, [x]) => [resizeBilinearGrad(dy, x.shape as Shape)],
  lower(emit, y, [x]) {
    const [batch, inHeight, inWidth, channels] = x.shape as [number, number, number, number];
    const [, outHeight, outWidth] = y.shape as [number, number, number];
    emit.call("resizeBilinear", [y, x, inHeight, inWidth, outHeight, outWidth, channels], batch * outHeight);
  },
  cases: [
    { inputs: [[2, 2, 3, 2]], attributes: { size: [4, 6] } },
    { inputs: [[1, 3, 2, 1]], attributes: { size: [5, 3] } },
    { inputs: [[1, 4, 5, 3]], attributes: { size: [2, 2] } },
    { inputs: [[1, 1, 1, 2]], attributes: { size: [2, 3] } },
  ],
};

/**
 * Bilinear resize of x [batch, height, width, channels] by TensorFlow 1's legacy rule (align_corners and
 * half_pixel_centers false): source = destination·(in / out), between its floor and the next pixel inside the image.
 * (https://www.tensorflow.org/api_docs/python/tf/compat/v1/image/resize_bilinear)
 * @throws ShapeError for another rank, ArgumentError for a size that is not a pair of integers ≥ 1.
 */
export function resizeBilinear(x: Tensor, size: Pair): Tensor {
  checkNumbers("resizeBilinear: size", size);
  return apply(resizeBilinearOp, [x], { size });
}
