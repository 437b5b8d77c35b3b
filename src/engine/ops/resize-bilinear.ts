import { checkNumbers } from "../arguments.ts";
import { ArgumentError, ShapeError } from "../errors.ts";
import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { concrete, formatShape, imageDims, type Shape } from "../shape.ts";
import type { Pair } from "../window.ts";
import { on } from "./cases.ts";
import { partOfGradient, type OpDefinition } from "./define-op.ts";

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
  gradient: (dy, [x]) => [resizeBilinearGrad(dy, concrete(x.shape))],
  lower(emit, y, [x]) {
    const [batch, inHeight, inWidth, channels] = imageDims(x.shape);
    const [, outHeight, outWidth] = imageDims(y.shape);
    emit.call("resizeBilinear", [y, x, inHeight, inWidth, outHeight, outWidth, channels], batch * outHeight);
  },
  cases: () => [
    on([2, 2, 3, 2], { size: [4, 6] }),
    on([1, 3, 2, 1], { size: [5, 3] }),
    on([1, 4, 5, 3], { size: [2, 2] }),
    on([1, 1, 1, 2], { size: [2, 3] }),
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

/** The shape of the x whose gradient this is. */
export interface ResizeGradAttributes {
  readonly xShape: Shape;
}

export const resizeBilinearGradOp: OpDefinition<ResizeGradAttributes, 1> = {
  ...partOfGradient("resizeBilinearGrad"),
  zeros: "few",
  shape: (_, { xShape }) => xShape,
  lower(emit, dx, [dy]) {
    const [batch, inHeight, inWidth, channels] = imageDims(dx.shape);
    const [, outHeight, outWidth] = imageDims(dy.shape);
    emit.call("resizeBilinearGrad", [dx, dy, inHeight, inWidth, outHeight, outWidth, channels], batch);
  },
  cases: () => [on([2, 4, 6, 2], { xShape: [2, 2, 3, 2] }), on([1, 2, 2, 3], { xShape: [1, 4, 5, 3] })],
};

/** dx [xShape] of resizeBilinear: each dy is spread over the four pixels it was made from. */
export function resizeBilinearGrad(dy: Tensor, xShape: Shape): Tensor {
  return apply(resizeBilinearGradOp, [dy], { xShape });
}
