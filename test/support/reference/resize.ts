// Bilinear resize by TensorFlow 1's legacy rule.
import type { ResizeGradAttributes } from "../../../src/engine/ops/resize-bilinear.ts";
import { imageDims, type Shape } from "../../../src/engine/shape.ts";
import { reference, TINY, UNIT, type Reference } from "./reference.ts";
import { magnitude, mapped, zerosOf, type Value } from "./value.ts";

/**
 * The two pixels along one axis between which a resized pixel lies, and its distance past the first: source = out·(from
 * / to).
 */
function neighbours(out: number, from: number, to: number): readonly [low: number, high: number, past: number] {
  const low = Math.floor((out * from) / to);
  return [low, Math.min(low + 1, from - 1), ((out * from) % to) / to];
}

/** Visits each (pixel of x, resized pixel, weight) of each image; pixels begin with their first channel. */
function forEachWeight(x: Shape, y: Shape, visit: (xStart: number, yStart: number, weight: number) => void): void {
  const [batch, inHeight, inWidth, channels] = imageDims(x);
  const [, outHeight, outWidth] = imageDims(y);
  for (let image = 0; image < batch; image++) {
    for (let outRow = 0; outRow < outHeight; outRow++) {
      const [top, bottom, down] = neighbours(outRow, inHeight, outHeight);
      for (let outColumn = 0; outColumn < outWidth; outColumn++) {
        const [left, right, across] = neighbours(outColumn, inWidth, outWidth);
        const yStart = ((image * outHeight + outRow) * outWidth + outColumn) * channels;
        const start = (row: number, column: number): number => ((image * inHeight + row) * inWidth + column) * channels;
        visit(start(top, left), yStart, (1 - down) * (1 - across));
        visit(start(top, right), yStart, (1 - down) * across);
        visit(start(bottom, left), yStart, down * (1 - across));
        visit(start(bottom, right), yStart, down * across);
      }
    }
  }
}

function resized([x]: readonly Value[], _: object, shape: Shape): readonly [Value] {
  const y = zerosOf(shape);
  forEachWeight(x!.shape, shape, (ix, iy, weight) => {
    for (let c = 0; c < shape[3]!; c++) y.data[iy + c]! += weight * x!.data[ix + c]!;
  });
  return [y];
}

function resizedGrad([dy]: readonly Value[], { xShape }: ResizeGradAttributes): readonly [Value] {
  const dx = zerosOf(xShape);
  forEachWeight(xShape, dy!.shape, (ix, iy, weight) => {
    for (let c = 0; c < xShape[3]!; c++) dx.data[ix + c]! += weight * dy!.data[iy + c]!;
  });
  return [dx];
}

/**
 * The distance between a resized pixel's place in float32 and its true place, in roundings. It is 0 where in/out is a
 * float32; else it comes from the rounding of in/out and of the product. A displacement changes a result by that share
 * of its neighbours.
 */
function displacement(x: Shape, y: Shape): number {
  const along = (axis: number): number => {
    const ratio = x[axis]! / y[axis]!;
    return Math.fround(ratio) === ratio ? 0 : 2 * x[axis]!;
  };
  return along(1) + along(2);
}

/** The largest, or the sum, of each image's channel. */
function perChannel(x: Value, f: (sofar: number, value: number) => number): (i: number) => number {
  const [, height, width, channels] = imageDims(x.shape);
  const pixels = height * width;
  const result = new Map<number, number>();
  const key = (i: number, perImage: number): number => Math.floor(i / perImage) * channels + (i % channels);
  x.data.forEach((value, i) => {
    const k = key(i, pixels * channels);
    result.set(k, f(result.get(k) ?? 0, Math.abs(value)));
  });
  return (k) => result.get(k)!;
}

/** The image and channel of an element. */
function channelOf(shape: Shape, i: number): number {
  const [, height, width, channels] = imageDims(shape);
  return Math.floor(i / (height * width * channels)) * channels + (i % channels);
}

/** Resizes by name. */
export const resizes: Readonly<Record<string, Reference>> = {
  resizeBilinear: {
    values: resized,
    bounds([x], attributes, [y]) {
      const shift = displacement(x!.shape, y!.shape);
      const largest = perChannel(x!, Math.max);
      const [sizes] = resized([magnitude(x!)], attributes, y!.shape);
      // x00 + (x01 − x00)·f rounds three times, with differences up to twice the larger; twice, for two axes.
      return [mapped(sizes, (_, i) => UNIT * (14 + shift) * largest(channelOf(y!.shape, i)) + TINY).data];
    },
  },
  resizeBilinearGrad: reference<ResizeGradAttributes>({
    values: resizedGrad,
    bounds([dy], attributes, [dx]) {
      const shift = displacement(dx!.shape, dy!.shape);
      const total = perChannel(dy!, (sum, value) => sum + value);
      const [sizes] = resizedGrad([magnitude(dy!)], attributes);
      const terms = 4 * Math.ceil(dy!.shape[1]! / dx!.shape[1]! + 1) * Math.ceil(dy!.shape[2]! / dx!.shape[2]! + 1);
      return [
        mapped(sizes, (size, i) => UNIT * ((terms + 5) * size + shift * total(channelOf(dx!.shape, i))) + TINY).data,
      ];
    },
  }),
};
