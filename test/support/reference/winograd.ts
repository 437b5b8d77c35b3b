// Winograd's minimal filtering F(4×4, 2×2) by its definition, matrices on both sides, in float64.
import { ExactSum } from "../../kernels/check-kernel.ts";
import type { Window } from "../../kernels/windows.ts";

/** A matrix by rows. */
export type Matrix = readonly (readonly number[])[];

/** The matrices of one axis: four outputs of a filter of two taps are Aᵀ ((G filter) ∘ (Bᵀ inputs)). */
export interface MinimalFilter {
  /** Bᵀ [5, 5] */
  readonly input: Matrix;
  /** G [5, 2] */
  readonly filter: Matrix;
  /** Aᵀ [4, 5] */
  readonly output: Matrix;
}

/** F(4, 2) at the points ⅜, −⅜, 1¼, −1¼, ∞. */
export const twoTaps: MinimalFilter = {
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

/** Values of a tile in the transformed domain: one for each pair of a row's and a column's point. */
export const POSITIONS = 25;

export const transposed = (matrix: Matrix): Matrix => matrix[0]!.map((_, j) => matrix.map((row) => row[j]!));

/** left · block · rightᵀ, row after row. */
export function bothSides(left: Matrix, right: Matrix, block: (row: number, column: number) => number): ExactSum[] {
  return left.flatMap((rowWeights) =>
    right.map((columnWeights) => {
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

/** A tile of outputs: its image, its first output's row and column. */
export interface Tile {
  readonly image: number;
  readonly row: number;
  readonly column: number;
}

/** All tiles, over (image, row, column). */
export function tilesOf({ batch, outHeight, outWidth }: Window): Tile[] {
  const [rows, columns] = [outHeight, outWidth].map((outputs) =>
    Array.from({ length: Math.ceil(outputs / 4) }, (_, i) => 4 * i),
  );
  return Array.from({ length: batch }).flatMap((_, image) =>
    rows!.flatMap((row) => columns!.map((column) => ({ image, row, column }))),
  );
}

/** An element of an NHWC tensor, 0 outside the image. */
export function pixel(x: ArrayLike<number>, [height, width, channels]: readonly [number, number, number]) {
  return (image: number, row: number, column: number, channel: number): number =>
    row < 0 || row >= height || column < 0 || column >= width
      ? 0
      : x[((image * height + row) * width + column) * channels + channel]!;
}

/** A convolution of 2×2 taps. */
export interface Convolution {
  readonly w: Window;
  readonly outChannels: number;
}

/** The operands of a convolution, and its results. */
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
export function minimalFiltering(
  { w, outChannels }: Convolution,
  { x, filter, dy }: Operands,
  f: MinimalFilter = twoTaps,
): Results {
  const [ins, tiles] = [w.channels, tilesOf(w)];
  const pixelOf = pixel(x, [w.inHeight, w.inWidth, ins]);
  const gradOf = pixel(dy, [w.outHeight, w.outWidth, outChannels]);
  const tap = (a: number, b: number, c: number, k: number): number => ((a * 2 + b) * ins + c) * outChannels + k;
  const v = tiles.map(({ image, row, column }) =>
    planesOf(ins, (c) => values(f.input, (a, b) => pixelOf(image, row - w.padTop + a, column - w.padLeft + b, c))),
  );
  const z = tiles.map(({ image, row, column }) =>
    planesOf(outChannels, (k) => values(transposed(f.output), (a, b) => gradOf(image, row + a, column + b, k))),
  );
  const y = new Float64Array(w.batch * w.outHeight * w.outWidth * outChannels);
  const dFilter = new Float64Array(4 * ins * outChannels);
  for (let k = 0; k < outChannels; k++) {
    const u = planesOf(ins, (c) => values(f.filter, (a, b) => filter[tap(a, b, c, k)]!));
    tiles.forEach(({ image, row, column }, tile) => {
      const m = new Float64Array(POSITIONS);
      for (let c = 0; c < ins; c++) addProducts(m, v[tile]![c]!, u[c]!);
      values(f.output, (a, b) => m[a * 5 + b]!).forEach((sums, a) => {
        sums.forEach((sum, b) => {
          const [oy, ox] = [row + a, column + b];
          if (oy < w.outHeight && ox < w.outWidth) {
            y[((image * w.outHeight + oy) * w.outWidth + ox) * outChannels + k] = sum;
          }
        });
      });
    });
    for (let c = 0; c < ins; c++) {
      const du = new Float64Array(POSITIONS);
      tiles.forEach((_, tile) => addProducts(du, v[tile]![c]!, z[tile]![k]!));
      values(transposed(f.filter), (a, b) => du[a * 5 + b]!).forEach((sums, a) => {
        sums.forEach((sum, b) => (dFilter[tap(a, b, c, k)] = sum));
      });
    }
  }
  return { y, dFilter };
}

/** Transforms each channel's matrix, row after row. */
function planesOf(channels: number, transform: (channel: number) => number[][]): Float64Array[] {
  return Array.from({ length: channels }, (_, channel) => Float64Array.from(transform(channel).flat()));
}

function addProducts(sums: Float64Array, a: Float64Array, b: Float64Array): void {
  for (let p = 0; p < sums.length; p++) sums[p]! += a[p]! * b[p]!;
}

/** matrix · block · matrixᵀ without bounds, one side after the other. */
function values(matrix: Matrix, block: (row: number, column: number) => number): number[][] {
  const times = (vector: (i: number) => number): number[] =>
    matrix.map((row) => row.reduce((sum, weight, i) => sum + weight * vector(i), 0));
  const columns = matrix[0]!.map((_, column) => times((row) => block(row, column)));
  return matrix.map((_, i) => times((column) => columns[column]![i]!));
}

/** Takes the sign off every number: the results are the sums of all terms' magnitudes. */
export function magnitudes(convolution: Convolution, { x, filter, dy }: Operands): Results {
  const operands = {
    x: Array.from(x, Math.abs),
    filter: Array.from(filter, Math.abs),
    dy: Array.from(dy, Math.abs),
  };
  return minimalFiltering(convolution, operands, withoutSigns(twoTaps));
}

function withoutSigns({ input, filter, output }: MinimalFilter): MinimalFilter {
  const all = (matrix: Matrix): Matrix => matrix.map((row) => row.map(Math.abs));
  return { input: all(input), filter: all(filter), output: all(output) };
}
