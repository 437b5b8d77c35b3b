// Winograd's minimal filtering F(4×4, r×r) by its definition, matrices on both sides, in float64.
import { ExactSum } from "../../kernels/check-kernel.ts";
import type { Window } from "../../kernels/windows.ts";

/** A matrix by rows. */
export type Matrix = readonly (readonly number[])[];

/** The matrices of one axis: four outputs of a filter of `taps` taps are Aᵀ ((G filter) ∘ (Bᵀ inputs)). */
export interface MinimalFilter {
  readonly taps: number;
  /** Bᵀ [α, α] */
  readonly input: Matrix;
  /** G [α, taps] */
  readonly filter: Matrix;
  /** Aᵀ [4, α] */
  readonly output: Matrix;
}

/** F(4, 5) at the points 0, 1, −1, 2, −2, ½, −½, ∞. */
export const fiveTaps: MinimalFilter = {
  taps: 5,
  input: [
    [1, 0, -21 / 4, 0, 21 / 4, 0, -1, 0],
    [0, 1, 1, -17 / 4, -17 / 4, 1, 1, 0],
    [0, -1, 1, 17 / 4, -17 / 4, -1, 1, 0],
    [0, 2, 1, -10, -5, 8, 4, 0],
    [0, -2, 1, 10, -5, -8, 4, 0],
    [0, 4, 8, -5, -10, 1, 2, 0],
    [0, -4, 8, 5, -10, -1, 2, 0],
    [0, -1, 0, 21 / 4, 0, -21 / 4, 0, 1],
  ],
  filter: [
    [1, 0, 0, 0, 0],
    [-2 / 9, -2 / 9, -2 / 9, -2 / 9, -2 / 9],
    [-2 / 9, 2 / 9, -2 / 9, 2 / 9, -2 / 9],
    [1 / 360, 2 / 360, 4 / 360, 8 / 360, 16 / 360],
    [1 / 360, -2 / 360, 4 / 360, -8 / 360, 16 / 360],
    [16 / 180, 8 / 180, 4 / 180, 2 / 180, 1 / 180],
    [16 / 180, -8 / 180, 4 / 180, -2 / 180, 1 / 180],
    [0, 0, 0, 0, 1],
  ],
  output: [
    [1, 1, 1, 1, 1, 4, 4, 0],
    [0, 1, -1, 2, -2, 2, -2, 0],
    [0, 1, 1, 4, 4, 1, 1, 0],
    [0, 1, -1, 8, -8, 1 / 2, -1 / 2, 1],
  ],
};

/** F(4, 2) at the points ⅜, −⅜, 1¼, −1¼, ∞. */
export const twoTaps: MinimalFilter = {
  taps: 2,
  input: [
    [-75 / 128, -25 / 16, 3 / 8, 1, 0],
    [75 / 128, -25 / 16, -3 / 8, 1, 0],
    [-45 / 256, -9 / 64, 5 / 4, 1, 0],
    [45 / 256, -9 / 64, -5 / 4, 1, 0],
    [225 / 1024, 0, -109 / 64, 0, 1],
  ],
  filter: [
    [-256 / 273, -96 / 273],
    [256 / 273, -96 / 273],
    [128 / 455, 160 / 455],
    [-128 / 455, 160 / 455],
    [0, 1],
  ],
  output: [
    [1, 1, 1, 1, 0],
    [3 / 8, -3 / 8, 5 / 4, -5 / 4, 0],
    [9 / 64, 9 / 64, 25 / 16, 25 / 16, 0],
    [27 / 512, -27 / 512, 125 / 64, -125 / 64, 1],
  ],
};

export const transposed = (matrix: Matrix): Matrix => matrix[0]!.map((_, j) => matrix.map((row) => row[j]!));

/** left · block · leftᵀ, row after row. */
export function bothSides(left: Matrix, block: (row: number, column: number) => number): ExactSum[] {
  return left.flatMap((rowWeights) =>
    left.map((columnWeights) => {
      const sum = new ExactSum();
      rowWeights.forEach((rowWeight, a) => {
        columnWeights.forEach((columnWeight, b) => {
          if (rowWeight !== 0 && columnWeight !== 0) sum.add(rowWeight * columnWeight * block(a, b));
        });
      });
      return sum;
    }),
  );
}

/** A tile of 4×4 outputs: its image, and its first output's row and column. */
export interface Tile {
  readonly image: number;
  readonly row: number;
  readonly column: number;
}

/** All tiles, over (image, row, column). */
export function tilesOf(w: Window): Tile[] {
  const [down, across] = [Math.ceil(w.outHeight / 4), Math.ceil(w.outWidth / 4)];
  return Array.from({ length: w.batch * down * across }, (_, tile) => ({
    image: Math.floor(tile / (down * across)),
    row: 4 * (Math.floor(tile / across) % down),
    column: 4 * (tile % across),
  }));
}

/** An element of an NHWC tensor, 0 outside the image. */
export function pixel(x: ArrayLike<number>, [height, width, channels]: readonly [number, number, number]) {
  return (image: number, row: number, column: number, channel: number): number =>
    row < 0 || row >= height || column < 0 || column >= width
      ? 0
      : x[((image * height + row) * width + column) * channels + channel]!;
}

/** A convolution with a minimal filter. */
export interface Convolution {
  readonly w: Window;
  readonly outChannels: number;
  readonly f: MinimalFilter;
}

/** What a convolution works on, and what comes of it. */
export interface Operands {
  readonly x: ArrayLike<number>;
  readonly filter: ArrayLike<number>;
  readonly dy: ArrayLike<number>;
}

export interface Results {
  readonly y: Float64Array;
  readonly dFilter: Float64Array;
}

/** The convolution and its filter gradient, tile by tile: Aᵀ (Σ V U) A and Gᵀ (Σ V Z) G. */
export function minimalFiltering({ w, outChannels, f }: Convolution, { x, filter, dy }: Operands): Results {
  const [ins, size, tiles] = [w.channels, f.input.length, tilesOf(w)];
  const pixelOf = pixel(x, [w.inHeight, w.inWidth, ins]);
  const gradOf = pixel(dy, [w.outHeight, w.outWidth, outChannels]);
  const tap = (a: number, b: number, c: number, k: number): number => ((a * f.taps + b) * ins + c) * outChannels + k;
  const v = tiles.map(({ image, row, column }) =>
    planesOf(ins, (c) => values(f.input, (a, b) => pixelOf(image, row - w.padTop + a, column - w.padLeft + b, c))),
  );
  const z = tiles.map(({ image, row, column }) =>
    planesOf(outChannels, (k) => values(transposed(f.output), (a, b) => gradOf(image, row + a, column + b, k))),
  );
  const y = new Float64Array(w.batch * w.outHeight * w.outWidth * outChannels);
  const dFilter = new Float64Array(f.taps ** 2 * ins * outChannels);
  for (let k = 0; k < outChannels; k++) {
    const u = planesOf(ins, (c) => values(f.filter, (a, b) => filter[tap(a, b, c, k)]!));
    tiles.forEach(({ image, row, column }, tile) => {
      const m = new Float64Array(size ** 2);
      for (let c = 0; c < ins; c++) addProducts(m, v[tile]![c]!, u[c]!);
      values(f.output, (a, b) => m[a * size + b]!).forEach((sum, i) => {
        const [oy, ox] = [row + (i >> 2), column + (i & 3)];
        if (oy < w.outHeight && ox < w.outWidth) {
          y[((image * w.outHeight + oy) * w.outWidth + ox) * outChannels + k] = sum;
        }
      });
    });
    for (let c = 0; c < ins; c++) {
      const du = new Float64Array(size ** 2);
      tiles.forEach((_, tile) => addProducts(du, v[tile]![c]!, z[tile]![k]!));
      values(transposed(f.filter), (a, b) => du[a * size + b]!).forEach((sum, i) => {
        dFilter[tap(Math.floor(i / f.taps), i % f.taps, c, k)] = sum;
      });
    }
  }
  return { y, dFilter };
}

/** One transform for each channel. */
function planesOf(channels: number, transform: (channel: number) => number[]): Float64Array[] {
  return Array.from({ length: channels }, (_, channel) => Float64Array.from(transform(channel)));
}

function addProducts(sums: Float64Array, a: Float64Array, b: Float64Array): void {
  for (let p = 0; p < sums.length; p++) sums[p]! += a[p]! * b[p]!;
}

/** The same without bounds, one side after the other. */
function values(left: Matrix, block: (row: number, column: number) => number): number[] {
  const times = (vector: (i: number) => number): number[] =>
    left.map((row) => row.reduce((sum, weight, i) => sum + weight * vector(i), 0));
  const columns = left[0]!.map((_, column) => times((row) => block(row, column)));
  return left.flatMap((_, i) => times((column) => columns[column]![i]!));
}

/** Every number without its sign: what comes of them is the sum of all terms' magnitudes. */
export function magnitudes({ w, outChannels, f }: Convolution, { x, filter, dy }: Operands): Results {
  const all = (matrix: Matrix): Matrix => matrix.map((row) => row.map(Math.abs));
  const absolute = { taps: f.taps, input: all(f.input), filter: all(f.filter), output: all(f.output) };
  const operands = {
    x: Array.from(x, Math.abs),
    filter: Array.from(filter, Math.abs),
    dy: Array.from(dy, Math.abs),
  };
  return minimalFiltering({ w, outChannels, f: absolute }, operands);
}
