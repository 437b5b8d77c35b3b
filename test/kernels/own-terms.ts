// The outputs of a transform and their own terms, for the tests of the kernels that compare them
// (assembly/conv/own-terms.ts): what those kernels read, and what they must leave.
import { BLOCK_ROWS } from "../../src/engine/lowering/columns.ts";
import { f } from "./check-kernel.ts";
import { forEachTap, type Window } from "./windows.ts";

/**
 * What is added to a root of a sum of squares, by what a limit exceeds its factors, and how many times its norms a
 * number may be.
 */
const LEAST = 2 ** -52;
const SLACK = 1.02;
const HEADROOM = 2 ** 20;

/** What is added to a square where its number is not 0. */
const LEAST_SQUARE = 2 ** -104;

/** The sums of terms, each one chain in float64, and the sums of their magnitudes. */
export interface OwnTerms {
  readonly sums: Float64Array;
  readonly sizes: Float64Array;
}

/** The sums of outputs, over (ky, kx, inChannel), without terms whose x is 0. */
export function outputTerms(w: Window, outChannels: number, x: Float32Array, filter: Float32Array): OwnTerms {
  const terms = termsOf(w.batch * w.outHeight * w.outWidth * outChannels);
  forEachTap(w, (row, tap, pixel) => {
    for (let c = 0; c < w.channels; c++) {
      const value = x[pixel * w.channels + c]!;
      if (value === 0) continue;
      const weights = (tap * w.channels + c) * outChannels;
      for (let k = 0; k < outChannels; k++) addTerm(terms, row * outChannels + k, value * filter[weights + k]!);
    }
  });
  return terms;
}

/** The sums of filter gradients, over (oy, ox, image), without terms whose x is 0. */
export function gradientTerms(w: Window, outChannels: number, x: Float32Array, dy: Float32Array): OwnTerms {
  const terms = termsOf(w.filterHeight * w.filterWidth * w.channels * outChannels);
  const outputs = w.outHeight * w.outWidth;
  const visits: [place: number, row: number, tap: number, pixel: number][] = [];
  forEachTap(w, (row, tap, pixel) => visits.push([row % outputs, row, tap, pixel]));
  // Rows ascend within a place, and so do images.
  visits.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  for (const [, row, tap, pixel] of visits) {
    for (let c = 0; c < w.channels; c++) {
      const value = x[pixel * w.channels + c]!;
      if (value === 0) continue;
      const gradients = (tap * w.channels + c) * outChannels;
      for (let k = 0; k < outChannels; k++) addTerm(terms, gradients + k, value * dy[row * outChannels + k]!);
    }
  }
  return terms;
}

function termsOf(size: number): OwnTerms {
  return { sums: new Float64Array(size), sizes: new Float64Array(size) };
}

function addTerm({ sums, sizes }: OwnTerms, index: number, term: number): void {
  sums[index]! += term;
  sizes[index]! += Math.abs(term);
}

/** A tile of outputs: its image, its first output, and the number of outputs. */
export interface Tile {
  readonly image: number;
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
}

/** Visits each output of a tile, by its place in the batch. */
export function forEachOutput(w: Window, tile: Tile, visit: (output: number) => void): void {
  for (let i = 0; i < tile.rows; i++) {
    for (let j = 0; j < tile.columns; j++) {
      visit((tile.image * w.outHeight + tile.row + i) * w.outWidth + tile.column + j);
    }
  }
}

/** The limit of each output; NaN where no tile holds it. A tile sees `inputs` in both directions. */
export function outputLimits(
  w: Window,
  outChannels: number,
  x: Float32Array,
  filter: Float32Array,
  tiles: readonly Tile[],
  seen: number,
  t: number,
): Float64Array {
  const limits = new Float64Array(w.batch * w.outHeight * w.outWidth * outChannels).fill(NaN);
  const weights = Array.from({ length: outChannels }, (_, k) => norm(filter.filter((_, i) => i % outChannels === k)));
  for (const tile of tiles) {
    const inputs = norm(inputsOf(w, x, tile, seen));
    forEachOutput(w, tile, (output) => {
      weights.forEach((weight, k) => {
        const limit = SLACK * t * inputs * (weight === LEAST ? 0 : weight);
        limits[output * outChannels + k] = f(HEADROOM * inputs * weight) < Infinity ? limit : Infinity;
      });
    });
  }
  return limits;
}

/** All numbers that a tile sees. */
function inputsOf(w: Window, x: Float32Array, { image, row, column }: Tile, seen: number): number[] {
  const [top, left] = [row - w.padTop, column - w.padLeft];
  const inputs: number[] = [];
  for (let iy = Math.max(0, top); iy < Math.min(w.inHeight, top + seen); iy++) {
    for (let ix = Math.max(0, left); ix < Math.min(w.inWidth, left + seen); ix++) {
      const pixel = ((image * w.inHeight + iy) * w.inWidth + ix) * w.channels;
      inputs.push(...x.subarray(pixel, pixel + w.channels));
    }
  }
  return inputs;
}

/** The norm as the kernels have it: infinite where the squares leave float32. */
function norm(values: ArrayLike<number>): number {
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += values[i]! ** 2;
  return Math.sqrt(f(squares)) + LEAST;
}

/** Each filter gradient's limit. */
export function gradientLimits(
  w: Window,
  outChannels: number,
  x: Float32Array,
  dy: Float32Array,
  t: number,
): Float64Array {
  const [ofX, ofDy] = [channelSquaresOf(x, w.channels), channelSquaresOf(dy, outChannels)];
  const pairs = w.channels * outChannels;
  return Float64Array.from({ length: w.filterHeight * w.filterWidth * pairs }, (_, i) => {
    const [c, k] = [Math.floor((i % pairs) / outChannels), i % outChannels];
    const norms = Math.sqrt(ofX[c]!) * Math.sqrt(ofDy[k]!);
    return f(HEADROOM * norms) < Infinity ? SLACK * t * norms : Infinity;
  });
}

/** Floats of a line of window magnitudes. */
const lineOf = (width: number): number => Math.ceil(width / 4) * 4;

/** Floats of an image's window magnitudes. */
export const magnitudesLength = (w: Window): number =>
  2 * w.outHeight * lineOf(w.outWidth) + w.inHeight * lineOf(w.inWidth);

/** Floats of scratch that windowMagnitudes takes. */
export const magnitudesScratch = (w: Window): number =>
  2 * w.inHeight * (Math.max(w.padLeft + w.inWidth, lineOf(w.outWidth) + w.filterWidth) + 4);

/** windowMagnitudes of images from firstImage on, bit by bit; NaN past the last column of a line and past the end. */
export function windowMagnitudesOf(w: Window, x: Float32Array, firstImage: number, more = 0): Float32Array {
  const size = magnitudesLength(w);
  const [line, pixelLine] = [lineOf(w.outWidth), lineOf(w.inWidth)];
  const magnitudes = new Float32Array((w.batch - firstImage) * size + more).fill(NaN);
  for (let image = firstImage; image < w.batch; image++) {
    const to = magnitudes.subarray((image - firstImage) * size);
    const pixels = w.inHeight * w.inWidth;
    const of = (value: (x: number) => number): Float32Array =>
      Float32Array.from({ length: pixels }, (_, i) => pixelSum(w, x, image * pixels + i, value));
    const [sums, squares] = [of(Math.abs), of((value) => f(value * value))];
    for (let oy = 0; oy < w.outHeight; oy++) {
      for (let ox = 0; ox < w.outWidth; ox++) {
        to[oy * line + ox] = windowSum(w, sums, oy, ox);
        to[(w.outHeight + oy) * line + ox] = f(f(Math.sqrt(windowSum(w, squares, oy, ox))) + LEAST);
      }
    }
    squares.forEach((square, i) => {
      const [iy, ix] = [Math.floor(i / w.inWidth), i % w.inWidth];
      to[2 * w.outHeight * line + iy * pixelLine + ix] = square;
    });
  }
  return magnitudes;
}

/** The sum over the channels: four chains, one for each c & 3, and then the sum of these. */
function pixelSum(w: Window, x: Float32Array, pixel: number, value: (x: number) => number): number {
  const lanes = [0, 0, 0, 0];
  for (let c = 0; c < w.channels; c++) lanes[c & 3] = f(lanes[c & 3]! + value(x[pixel * w.channels + c]!));
  return f(f(lanes[0]! + lanes[1]!) + f(lanes[2]! + lanes[3]!));
}

/** The sum over the columns of a window, and then over its rows. */
function windowSum(w: Window, ofPixels: Float32Array, oy: number, ox: number): number {
  const [top, left] = [oy - w.padTop, ox - w.padLeft];
  let sum = 0;
  for (let iy = Math.max(0, top); iy < Math.min(w.inHeight, top + w.filterHeight); iy++) {
    let across = 0;
    for (let ix = Math.max(0, left); ix < Math.min(w.inWidth, left + w.filterWidth); ix++) {
      across = f(across + ofPixels[iy * w.inWidth + ix]!);
    }
    sum = f(sum + across);
  }
  return sum;
}

/** filterMagnitudes of [terms, channels] weights, bit by bit. */
export function filterMagnitudesOf(filter: Float32Array, channels: number): Float32Array {
  const [terms, padded] = [filter.length / channels, Math.ceil(channels / 16) * 16];
  const magnitudes = new Float32Array(3 * padded);
  for (let k = 0; k < channels; k++) {
    const weights = Array.from({ length: terms }, (_, term) => filter[term * channels + k]!);
    const sum = weights.reduce((sum, weight) => f(sum + Math.abs(weight)), 0);
    const squares = weights.reduce((sum, weight) => f(sum + f(weight * weight)), 0);
    const small = f(sum * f(f(1 / 8) / terms));
    magnitudes[k] = small < Infinity ? f(1 / small) : Infinity;
    magnitudes[padded + k] = Math.sqrt(weights.filter((weight) => Math.abs(weight) < small).length);
    const norm = Number.isNaN(squares) ? Infinity : f(f(Math.sqrt(squares)) + LEAST);
    magnitudes[2 * padded + k] = sum === 0 ? 0 : norm;
  }
  return magnitudes;
}

/** channelSquares of [rows, channels], bit by bit: each block's sums. */
export function squaresOfBlocks(x: Float32Array, channels: number): Float32Array {
  const blocks = Math.ceil(x.length / channels / BLOCK_ROWS);
  const partial = new Float32Array(blocks * channels);
  x.forEach((value, i) => {
    const at = Math.floor(i / channels / BLOCK_ROWS) * channels + (i % channels);
    partial[at] = f(partial[at]! + f(f(value * value) + (value === 0 ? 0 : LEAST_SQUARE)));
  });
  return partial;
}

/** The sum of squares of each channel. */
export function channelSquaresOf(x: Float32Array, channels: number): Float32Array {
  const sums = new Float32Array(channels);
  squaresOfBlocks(x, channels).forEach((square, i) => (sums[i % channels]! += square));
  return sums;
}

/** Words of [pixels] with a bit for each channel that is not 0 in one of the images. */
export function occupancyOf(x: Float32Array, images: number, channels: number): Int32Array {
  const [pixels, words] = [x.length / images / channels, Math.ceil(channels / 32)];
  const bits = new Int32Array(pixels * words);
  x.forEach((value, i) => {
    const [pixel, c] = [Math.floor(i / channels) % pixels, i % channels];
    if (value !== 0) bits[pixel * words + (c >> 5)]! |= 1 << (c & 31);
  });
  return bits;
}
