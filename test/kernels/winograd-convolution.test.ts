// Winograd's kernels one after the other: do they make a convolution, and how exact a one?
import { expect, test } from "vitest";
import { KernelMemory } from "../support/kernel-memory.ts";
import {
  magnitudes,
  minimalFiltering,
  POSITIONS,
  tilesOf,
  type Convolution,
  type Operands,
  type Results,
} from "../support/reference/winograd.ts";
import { noise } from "./check-kernel.ts";
import { convolutionOf, convolutions, labelled, outputLength, panelsOf } from "./minimal-convolutions.ts";
import { forEachTap, imageLength, tableOf } from "./windows.ts";

const memory = await KernelMemory.create();

/** Operands to place in the kernels' memory. */
type Floats = Record<keyof Operands, Float32Array>;

/** The kernels one after the other on a whole batch; the products between them in float64, rounded once. A bias brings relu. */
function composed({ w, outChannels }: Convolution, { x, filter, dy }: Floats, bias?: Float32Array) {
  memory.reset();
  const { kernels } = memory;
  const [ins, tiles] = [w.channels, tilesOf(w).length];
  const columns = panelsOf(outChannels) * 16;
  const plane = { v: tiles * ins, u: ins * columns, m: tiles * outChannels, z: tiles * columns, du: ins * outChannels };
  const [v, u, z] = [plane.v, plane.u, plane.z].map((length) => memory.place(POSITIONS * length)) as [
    number,
    number,
    number,
  ];
  const [geometry, y, dFilter] = [memory.place(tableOf(w)), memory.place(dy.length), memory.place(filter.length)];
  const [image, weights] = [memory.place(x), memory.place(filter)];
  const lines = memory.place(4 * 5 * Math.max(3 * ins, columns));
  kernels.winogradInput(v, image, geometry, plane.v, 0, lines, 0, tiles);
  kernels.winogradFilter(u, weights, ins, outChannels, plane.u, 0, ins);
  kernels.winogradOutputGrad(z, memory.place(dy), geometry, outChannels, tiles, plane.z, 0, lines, 0, tiles);

  const [vs, us, zs] = [
    memory.floats(v, POSITIONS * plane.v),
    memory.floats(u, POSITIONS * plane.u),
    memory.floats(z, POSITIONS * plane.z),
  ];
  const inPanel = (k: number, rows: number, row: number): number => ((k >> 4) * rows + row) * 16 + (k & 15);
  const m = products(tiles, outChannels, ins, (p, tile, k, c) => [
    vs[p * plane.v + tile * ins + c]!,
    us[p * plane.u + inPanel(k, ins, c)]!,
  ]);
  const du = products(ins, outChannels, tiles, (p, c, k, tile) => [
    vs[p * plane.v + tile * ins + c]!,
    zs[p * plane.z + inPanel(k, tiles, tile)]!,
  ]);
  const epilogue = [image, weights, bias ? memory.place(bias) : 0] as const;
  const sums = [y, memory.place(m), ...epilogue, geometry, outChannels, Number(!!bias), plane.m] as const;
  kernels.winogradOutput(...sums, 0, lines, 0, tiles);
  kernels.winogradFilterGrad(dFilter, memory.place(du), ins, outChannels, plane.du, 1, 0, 0, 0, ins);
  return { y: memory.floats(y, dy.length), dFilter: memory.floats(dFilter, filter.length) };
}

/** Matrix products [rows, columns] of `terms` terms each, one a plane. */
function products(
  rows: number,
  columns: number,
  terms: number,
  factors: (plane: number, row: number, column: number, term: number) => [number, number],
): Float32Array {
  return Float32Array.from({ length: POSITIONS * rows * columns }, (_, i) => {
    const [plane, row, column] = [Math.floor(i / columns / rows), Math.floor(i / columns) % rows, i % columns];
    let sum = 0;
    for (let term = 0; term < terms; term++) {
      const [a, b] = factors(plane, row, column, term);
      sum += a * b;
    }
    return sum;
  });
}

/** The convolution and its filter gradient, window by window. */
function direct({ w, outChannels }: Convolution, { x, filter, dy }: Operands): Results {
  const y = new Float64Array(dy.length);
  const dFilter = new Float64Array(filter.length);
  forEachTap(w, (row, tap, at) => {
    for (let c = 0; c < w.channels; c++) {
      for (let k = 0; k < outChannels; k++) {
        const [weight, output] = [(tap * w.channels + c) * outChannels + k, row * outChannels + k];
        y[output]! += x[at * w.channels + c]! * filter[weight]!;
        dFilter[weight]! += x[at * w.channels + c]! * dy[output]!;
      }
    }
  });
  return { y, dFilter };
}

function operandsOf({ w, outChannels }: Convolution) {
  return {
    x: noise(w.batch * imageLength(w), 12),
    filter: noise(4 * w.channels * outChannels, 13),
    dy: noise(w.batch * outputLength(w, outChannels), 14),
  };
}

test("the matrices make a convolution and its filter gradient, and so do the kernels", () => {
  expect(convolutions.length).toBeGreaterThan(0);
  for (const convolution of convolutions) {
    const operands = operandsOf(convolution);
    const [want, size] = [direct(convolution, operands), magnitudes(convolution, operands)];
    const [exact, got] = [minimalFiltering(convolution, operands), composed(convolution, operands)];
    // Each element of a transform on both sides is a sum of at most 25 terms; two such follow one another.
    const roundings = 2 * POSITIONS;
    for (const key of ["y", "dFilter"] as const) {
      const label = `${labelled(convolution)}: ${key}`;
      expect(largestError(exact[key], want[key], size[key]), `${label} by definition`).toBeLessThan(
        roundings * 2 ** -53,
      );
      expect(largestError(got[key], want[key], size[key]), label).toBeLessThan(roundings * 2 ** -23);
    }
  }
});

/** As a part of the magnitudes; NaN if there is one. */
function largestError(got: ArrayLike<number>, want: Float64Array, magnitude: Float64Array): number {
  expect(got).toHaveLength(want.length);
  return want.reduce((worst, value, i) => Math.max(worst, Math.abs(got[i]! - value) / magnitude[i]!), 0);
}

test("the error is 3e-7 of the result (root mean square)", () => {
  const convolution = convolutionOf([1, 14, 14, 32], 16, "same");
  const operands = operandsOf(convolution);
  const [want, got] = [direct(convolution, operands), composed(convolution, operands)];
  for (const key of ["y", "dFilter"] as const) {
    const error = rootMeanSquare(got[key].map((value, i) => value - want[key][i]!)) / rootMeanSquare(want[key]);
    expect(error).toBeLessThan(3e-7);
  }
});

test("relu's side of 0 is settled by a float64 sum where rounding could have chosen it", () => {
  const convolution = convolutionOf([2, 9, 10, 16], 64, "same");
  const { w, outChannels } = convolution;
  const operands = operandsOf(convolution);
  const sums = direct(convolution, operands).y;
  // Each channel's bias takes one of its outputs, another for each, to within half an ulp of 0.
  const chosen = Array.from(
    { length: outChannels },
    (_, c) => ((c * 7) % (w.batch * w.outHeight * w.outWidth)) * outChannels + c,
  );
  const bias = Float32Array.from(chosen, (i) => -sums[i]!);
  const plain = composed(convolution, operands).y;
  const got = composed(convolution, operands, bias).y;
  const exact = chosen.map((i, c) => Math.fround(sums[i]! + bias[c]!));
  expect(chosen.map((i) => got[i])).toEqual(exact.map((value) => Math.max(value, 0)));
  // Without it some would be on the other side.
  const otherSide = chosen.filter((i, c) => Math.sign(plain[i]! + bias[c]!) !== Math.sign(exact[c]!));
  expect(otherSide.length).toBeGreaterThan(10);
});

function rootMeanSquare(x: Float32Array | Float64Array): number {
  let sum = 0;
  for (const value of x) sum += value * value;
  return Math.sqrt(sum / x.length);
}
