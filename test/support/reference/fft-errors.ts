// The allowed distance of a convolution by FFT from the exact one.
//
// Errors spread over a whole tile, so they are bounded by norms. A transform of N numbers by butterflies has, relative
// to the 2-norm of what it makes, an error of at most log2 N · (1 + 4√2) units (Higham, Accuracy and Stability of
// Numerical Algorithms, 2nd ed., theorem 24.2); here N = 256. With Parseval's equation that gives, of units of ‖x‖·‖w‖
// for each pair of an image's channel and a filter's:
//
//   both operands' transforms                          2 · TRANSFORM
//   the complex product of three real ones             PRODUCT: |a+b|·|c+d| ≤ 2·|V|·|U|, each of 2 roundings, and two
//                                                      differences
//   the sum of K such products, on three planes        4 · K
//   the inverse, relative to the 2-norm of the result  TRANSFORM · ‖w‖₁ / ‖w‖₂, the 1-norm of the one that is shorter
import { algorithmOf } from "../../../src/engine/lowering/convolution/convolution.ts";
import { tilingOf } from "../../../src/engine/lowering/convolution/fft-tiling.ts";
import type { Conv2dFilterGradAttributes, Conv2dInputGradAttributes } from "../../../src/engine/ops/conv2d.ts";
import { sizeOf, type Shape } from "../../../src/engine/shape.ts";
import { windowGeometry, type WindowAttributes } from "../../../src/engine/window.ts";
import { flippedGeometry } from "./flipped-geometry.ts";
import { UNIT } from "./reference.ts";
import type { Value } from "./value.ts";

const TRANSFORM = 8 * (1 + 4 * Math.SQRT2);
const PRODUCT = 16;

/** The error of each element of y = x ∗ filter; undefined where another algorithm computes it. */
export function outputErrors(
  x: Value,
  filter: Value,
  y: Shape,
  attributes: WindowAttributes,
): Float64Array | undefined {
  const g = windowGeometry(x.shape, [filter.shape[0]!, filter.shape[1]!], y, attributes);
  const outs = filter.shape[3]!;
  return algorithmOf(g, outs) === "fft" ? errorsOfImages(x, filterNorms(filter), sizeOf(y)) : undefined;
}

/** The error for dx, a convolution of dy by the flipped filter. */
export function inputGradErrors(
  dy: Value,
  filter: Value,
  attributes: Conv2dInputGradAttributes,
): Float64Array | undefined {
  const [height, width, ins, outs] = filter.shape as [number, number, number, number];
  const g = windowGeometry(attributes.xShape, [height, width], dy.shape, attributes);
  if (algorithmOf(flippedGeometry(g, outs), ins) !== "fft") return undefined;
  const norms = filterNorms(filter);
  const turned = Array.from({ length: outs }, (_, k) => norms.map((ofInput) => ofInput[k]!));
  return errorsOfImages(dy, turned, sizeOf(attributes.xShape));
}

/** The error for dFilter, whose terms come from all tiles of all images. */
export function filterGradErrors(
  dy: Value,
  x: Value,
  { filterShape, ...attributes }: Conv2dFilterGradAttributes,
): Float64Array | undefined {
  const [height, width, ins, outs] = filterShape as [number, number, number, number];
  const g = windowGeometry(x.shape, [height, width], dy.shape, attributes);
  if (algorithmOf(g, outs) !== "fft") return undefined;
  const tiling = tilingOf(g)!;
  const tiles = g.batch * tiling.down * tiling.across;
  // This number of tiles sees a pixel. Its root times the image's ‖x‖ bounds ‖x‖ over all tiles. ‖dy‖₁ ≤ 16·‖dy‖₂.
  const tilesAtPixel = Math.ceil(16 / (17 - height)) * Math.ceil(16 / (17 - width));
  const units = Math.sqrt(tilesAtPixel) * (2 * TRANSFORM + PRODUCT + 4 * tiles + 16 * TRANSFORM);
  const [ofX, ofDy] = [channelNorms(x), channelNorms(dy)];
  const pair = (c: number, k: number): number => ofX.reduce((sum, image, i) => sum + image[c]! * ofDy[i]![k]!, 0);
  const ofPairs = Float64Array.from({ length: ins * outs }, (_, i) => pair(Math.floor(i / outs), i % outs));
  return Float64Array.from({ length: height * width * ins * outs }, (_, i) => {
    return units * UNIT * ofPairs[i % (ins * outs)]!;
  });
}

/** Norms of an image's elements, channel by channel. */
function errorsOfImages(x: Value, filter: readonly (readonly Norms[])[], size: number): Float64Array {
  const images = channelNorms(x);
  const [ins, outs] = [filter.length, filter[0]!.length];
  const errors = images.map((image) =>
    Array.from({ length: outs }, (_, k) =>
      filter.reduce((sum, ofInput, c) => {
        const { one, two } = ofInput[k]!;
        return sum + image[c]! * ((2 * TRANSFORM + PRODUCT + 4 * ins) * two + TRANSFORM * one);
      }, 0),
    ),
  );
  const perImage = size / images.length;
  return Float64Array.from({ length: size }, (_, i) => UNIT * errors[Math.floor(i / perImage)]![i % outs]!);
}

/** A filter's size for a pair of channels: the sum of its taps' magnitudes, the root of that of their squares. */
interface Norms {
  readonly one: number;
  readonly two: number;
}

/** The sizes by [inChannel][outChannel]. */
function filterNorms({ shape, data }: Value): Norms[][] {
  const [height, width, ins, outs] = shape as [number, number, number, number];
  return Array.from({ length: ins }, (_, c) =>
    Array.from({ length: outs }, (_, k) => {
      const taps = Array.from({ length: height * width }, (_, tap) => data[(tap * ins + c) * outs + k]!);
      return { one: taps.reduce((sum, tap) => sum + Math.abs(tap), 0), two: Math.hypot(...taps) };
    }),
  );
}

/** The root of the sum of squares of each image's channels. */
function channelNorms({ shape, data }: Value): Float64Array[] {
  const [batch, , , channels] = shape as [number, number, number, number];
  const size = data.length / batch;
  return Array.from({ length: batch }, (_, image) => {
    const squares = new Float64Array(channels);
    for (let i = 0; i < size; i++) squares[i % channels]! += data[image * size + i]! ** 2;
    return squares.map(Math.sqrt);
  });
}
