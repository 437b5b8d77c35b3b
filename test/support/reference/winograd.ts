// Winograd's minimal filtering F(4×4, r×r) by its definition, matrices on both sides, in float64; the last two outputs of an
// axis by F(2, r) where the filter has such a tail.
import { ExactSum } from "../../kernels/check-kernel.ts";
import type { Window } from "../../kernels/windows.ts";

/** A matrix by rows. */
export type Matrix = readonly (readonly number[])[];

/** The matrices of one axis: outputs of a filter of `taps` taps are Aᵀ ((G filter) ∘ (Bᵀ inputs)), four or a tail's two. */
export interface MinimalFilter {
  readonly taps: number;
  /** Bᵀ [α, α] */
  readonly input: Matrix;
  /** G [α, taps] */
  readonly filter: Matrix;
  /** Aᵀ [outputs, α] */
  readonly output: Matrix;
  /** For the last two outputs or one of several tiles, if they have matrices of their own. G is the first rows of this. */
  readonly tail?: MinimalFilter;
}

const fiveTapsAtPoints: Matrix = [
  [1, 0, 0, 0, 0],
  [0, 0, 0, 0, 1],
  [-2 / 9, -2 / 9, -2 / 9, -2 / 9, -2 / 9],
  [-2 / 9, 2 / 9, -2 / 9, 2 / 9, -2 / 9],
  [1 / 360, 2 / 360, 4 / 360, 8 / 360, 16 / 360],
  [1 / 360, -2 / 360, 4 / 360, -8 / 360, 16 / 360],
  [16 / 180, 8 / 180, 4 / 180, 2 / 180, 1 / 180],
  [16 / 180, -8 / 180, 4 / 180, -2 / 180, 1 / 180],
];

/** F(2, 5) at the points 0, ∞, 1, −1, 2, −2. */
const tailOfFiveTaps: MinimalFilter = {
  taps: 5,
  input: [
    [1, 0, -5 / 4, 0, 1 / 4, 0],
    [0, 4, 0, -5, 0, 1],
    [0, -3, -3, 3 / 4, 3 / 4, 0],
    [0, 3, -3, -3 / 4, 3 / 4, 0],
    [0, -30, -15, 30, 15, 0],
    [0, 30, -15, -30, 15, 0],
  ],
  filter: fiveTapsAtPoints.slice(0, 6),
  output: [
    [1, 0, 1, 1, 1, 1],
    [0, 1, 1, -1, 2, -2],
  ],
};

/** F(4, 5) at the points 0, ∞, 1, −1, 2, −2, ½, −½. */
export const fiveTaps: MinimalFilter = {
  taps: 5,
  input: [
    [1, 0, -21 / 4, 0, 21 / 4, 0, -1, 0],
    [0, -1, 0, 21 / 4, 0, -21 / 4, 0, 1],
    [0, 1, 1, -17 / 4, -17 / 4, 1, 1, 0],
    [0, -1, 1, 17 / 4, -17 / 4, -1, 1, 0],
    [0, 2, 1, -10, -5, 8, 4, 0],
    [0, -2, 1, 10, -5, -8, 4, 0],
    [0, 4, 8, -5, -10, 1, 2, 0],
    [0, -4, 8, 5, -10, -1, 2, 0],
  ],
  filter: fiveTapsAtPoints,
  output: [
    [1, 0, 1, 1, 1, 1, 4, 4],
    [0, 0, 1, -1, 2, -2, 2, -2],
    [0, 0, 1, 1, 4, 4, 1, 1],
    [0, 1, 1, -1, 8, -8, 1 / 2, -1 / 2],
  ],
  tail: tailOfFiveTaps,
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

/** A tile of outputs: its image, its first output's row and column, the matrices of its columns (down) and rows (across). */
export interface Tile {
  readonly image: number;
  readonly row: number;
  readonly column: number;
  readonly down: MinimalFilter;
  readonly across: MinimalFilter;
}

/** All tiles, over (image, row, column). */
export function tilesOf(w: Window, f: MinimalFilter): Tile[] {
  const [rows, columns] = [w.outHeight, w.outWidth].map((outputs) =>
    Array.from({ length: Math.ceil(outputs / 4) }, (_, i) => ({ first: 4 * i, axis: axisOf(f, outputs, 4 * i) })),
  );
  return Array.from({ length: w.batch }).flatMap((_, image) =>
    rows!.flatMap((row) =>
      columns!.map((column) => ({
        image,
        row: row.first,
        column: column.first,
        down: row.axis,
        across: column.axis,
      })),
    ),
  );
}

function axisOf(f: MinimalFilter, outputs: number, first: number): MinimalFilter {
  return f.tail !== undefined && outputs > 4 && outputs - first <= 2 ? f.tail : f;
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
  const [ins, size, tiles] = [w.channels, f.input.length, tilesOf(w, f)];
  const pixelOf = pixel(x, [w.inHeight, w.inWidth, ins]);
  const gradOf = pixel(dy, [w.outHeight, w.outWidth, outChannels]);
  const tap = (a: number, b: number, c: number, k: number): number => ((a * f.taps + b) * ins + c) * outChannels + k;
  const v = tiles.map(({ image, row, column, down, across }) =>
    planesOf(ins, (c) => {
      const patch = (a: number, b: number): number => pixelOf(image, row - w.padTop + a, column - w.padLeft + b, c);
      return atPoints(size, values(down.input, across.input, patch));
    }),
  );
  const z = tiles.map(({ image, row, column, down, across }) =>
    planesOf(outChannels, (k) => {
      const [left, right] = [transposed(down.output), transposed(across.output)];
      return atPoints(
        size,
        values(left, right, (a, b) => gradOf(image, row + a, column + b, k)),
      );
    }),
  );
  const y = new Float64Array(w.batch * w.outHeight * w.outWidth * outChannels);
  const dFilter = new Float64Array(f.taps ** 2 * ins * outChannels);
  for (let k = 0; k < outChannels; k++) {
    const u = planesOf(ins, (c) => values(f.filter, f.filter, (a, b) => filter[tap(a, b, c, k)]!).flat());
    tiles.forEach(({ image, row, column, down, across }, tile) => {
      const m = new Float64Array(size ** 2);
      for (let c = 0; c < ins; c++) addProducts(m, v[tile]![c]!, u[c]!);
      values(down.output, across.output, (a, b) => m[a * size + b]!).forEach((sums, a) => {
        sums.forEach((sum, b) => {
          const [oy, ox] = [row + a, column + b];
          if (oy < w.outHeight && ox < w.outWidth) {
            y[((image * w.outHeight + oy) * w.outWidth + ox) * outChannels + k] = sum;
          }
        });
      });
    });
    for (let c = 0; c < ins; c++) {
      const du = new Float64Array(size ** 2);
      tiles.forEach((_, tile) => addProducts(du, v[tile]![c]!, z[tile]![k]!));
      const back = transposed(f.filter);
      values(back, back, (a, b) => du[a * size + b]!).forEach((sums, a) => {
        sums.forEach((sum, b) => (dFilter[tap(a, b, c, k)] = sum));
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

/** A tile's values, at the points of all tiles: 0 where it has none. */
function atPoints(size: number, ofTile: number[][]): number[] {
  return Array.from({ length: size * size }, (_, p) => ofTile[Math.floor(p / size)]?.[p % size] ?? 0);
}

/** left · block · rightᵀ without bounds, one side after the other. */
function values(left: Matrix, right: Matrix, block: (row: number, column: number) => number): number[][] {
  const times = (matrix: Matrix, vector: (i: number) => number): number[] =>
    matrix.map((row) => row.reduce((sum, weight, i) => sum + weight * vector(i), 0));
  const columns = right[0]!.map((_, column) => times(left, (row) => block(row, column)));
  return left.map((_, i) => times(right, (column) => columns[column]![i]!));
}

/** Every number without its sign: what comes of them is the sum of all terms' magnitudes. */
export function magnitudes({ w, outChannels, f }: Convolution, { x, filter, dy }: Operands): Results {
  const absolute = withoutSigns(f);
  const operands = {
    x: Array.from(x, Math.abs),
    filter: Array.from(filter, Math.abs),
    dy: Array.from(dy, Math.abs),
  };
  return minimalFiltering({ w, outChannels, f: absolute }, operands);
}

function withoutSigns({ taps, input, filter, output, tail }: MinimalFilter): MinimalFilter {
  const all = (matrix: Matrix): Matrix => matrix.map((row) => row.map(Math.abs));
  const absolute = { taps, input: all(input), filter: all(filter), output: all(output) };
  return tail === undefined ? absolute : { ...absolute, tail: withoutSigns(tail) };
}
