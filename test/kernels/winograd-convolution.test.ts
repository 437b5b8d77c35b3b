// Winograd's kernels one after the other: do they make a convolution, how exact is it, and is it held to its own terms?
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
import {
  gradientLimitOf,
  limitsOf,
  testGradients,
  testOutputs,
  type Composition,
  type Forward,
  type Limits,
} from "./composed.ts";
import { plainGradient, type GradientOperands } from "./gradient-operands.ts";
import {
  convolutionOf,
  convolutions,
  croppedTilesOf,
  filterGradCall,
  GAP,
  gradientPart,
  labelled,
  outputLength,
  panelsOf,
} from "./minimal-convolutions.ts";
import { magnitudesLength, magnitudesScratch } from "./own-terms.ts";
import { resultOf } from "./recomputation.ts";
import { forEachTap, imageLength, tableOf } from "./windows.ts";

const memory = await KernelMemory.create();

/** Tiles' patches at the points: plane by plane, [tiles][inChannels]. */
function patchesOf({ w }: Convolution, x: Float32Array): Float32Array {
  memory.reset();
  const tiles = tilesOf(w).length;
  const plane = tiles * w.channels;
  const [v, geometry, lines] = [
    memory.place(POSITIONS * plane),
    memory.place(tableOf(w)),
    memory.place(4 * 5 * 3 * w.channels),
  ];
  memory.kernels.winogradInput(v, memory.place(x), geometry, plane, 0, lines, 0, tiles);
  return memory.floats(v, POSITIONS * plane);
}

/** y by the kernels on a whole batch; the products between them in float64, rounded once. */
function outputs(
  convolution: Convolution,
  { x, filter, bias, relu = false }: Forward,
  { t, error }: Limits,
): Float32Array {
  const { w, outChannels } = convolution;
  const { kernels } = memory;
  const patches = patchesOf(convolution, x);
  const [ins, tiles, columns] = [w.channels, tilesOf(w).length, panelsOf(outChannels) * 16];
  memory.reset();
  const [plane, weights] = [ins * columns, memory.place(filter)];
  const u = memory.place(POSITIONS * plane);
  kernels.winogradFilter(u, weights, ins, outChannels, plane, 0, ins);
  const us = memory.floats(u, POSITIONS * plane);
  const m = products(tiles, outChannels, ins, (p, tile, k, c) => [
    patches[(p * tiles + tile) * ins + c]!,
    us[p * plane + inPanel(k, ins, c)]!,
  ]);
  const [image, geometry, lines] = [memory.place(x), memory.place(tableOf(w)), memory.place(4 * 5 * outChannels + 40)];
  const [ofFilter, windows] = [memory.place(3 * columns), memory.place(w.batch * magnitudesLength(w) + 4)];
  kernels.filterMagnitudes(ofFilter, weights, 4 * ins, outChannels, 0, columns / 4);
  kernels.windowMagnitudes(windows, image, geometry, 0, memory.place(magnitudesScratch(w)), 0, w.batch);
  const length = w.batch * outputLength(w, outChannels);
  const y = memory.place(length);
  const sums = [y, memory.place(m), image, weights, bias ? memory.place(bias) : 0, windows, ofFilter] as const;
  const sizes = [outChannels, Number(relu), t, error, tiles * outChannels, 0] as const;
  kernels.winogradOutput(...sums, geometry, ...sizes, lines, 0, tiles);
  memory.checkGuards("composed");
  return memory.floats(y, length);
}

/** dFilter by the kernels. */
function gradients(convolution: Convolution, operands: GradientOperands, t: number): Float32Array {
  const { w, outChannels } = convolution;
  const patches = patchesOf(convolution, operands.x);
  const [ins, tiles] = [w.channels, tilesOf(w).length];
  memory.reset();
  const plane = panelsOf(outChannels) * tiles * 16;
  const [z, dy, geometry] = [memory.place(POSITIONS * plane), memory.place(operands.dy), memory.place(tableOf(w))];
  memory.kernels.winogradOutputGrad(z, dy, geometry, outChannels, tiles, plane, 0, memory.place(5 * 4 * 16), 0, tiles);
  const zs = memory.floats(z, POSITIONS * plane);
  const sums = products(ins, outChannels, tiles, (p, c, k, tile) => [
    patches[(p * tiles + tile) * ins + c]!,
    zs[p * plane + inPanel(k, tiles, tile)]!,
  ]);
  const du = new Float32Array(gradientPart(convolution));
  sums.forEach((sum, i) => (du[i + GAP * Math.floor(i / (ins * outChannels))] = sum));
  const call = filterGradCall(convolution, du, operands, { parts: 1, accumulate: false }, t);
  return resultOf(memory, call, 4 * ins * outChannels);
}

/** The place of a channel of a row in a panel. */
const inPanel = (channel: number, rows: number, row: number): number =>
  ((channel >> 4) * rows + row) * 16 + (channel & 15);

type Floats = Record<keyof Operands, Float32Array>;

/** Both, held to their own terms as the compiler asks for, or as the transform makes them. */
function composed(convolution: Convolution, { x, filter, dy }: Floats, held: boolean) {
  const { w, outChannels } = convolution;
  const operands = plainGradient(w, x, dy, outChannels, { masked: false, bits: false });
  const { y, dFilter } = held ? limitsOfBoth(convolution) : { y: { t: 0, error: 0 }, dFilter: 0 };
  return { y: outputs(convolution, { x, filter }, y), dFilter: gradients(convolution, operands, dFilter) };
}

function limitsOfBoth(convolution: Convolution): { y: Limits; dFilter: number } {
  const composition = compositionOf(convolution);
  return { y: limitsOf(composition), dFilter: gradientLimitOf(composition) };
}

function compositionOf(convolution: Convolution): Composition {
  return {
    ...convolution,
    tiles: croppedTilesOf(convolution.w),
    seen: 5,
    outputs: (forward, limits) => outputs(convolution, forward, limits),
    gradients: (operands, t) => gradients(convolution, operands, t),
    fade: 1 / 16,
    errsAlone: false,
    outputError: 8,
    gradientError: 64,
  };
}

// Nine tiles an image, cut off below and at the right; channels of two blocks and five more.
testOutputs(compositionOf(convolutionOf([2, 9, 10, 16], 37, "same")));
testGradients(compositionOf(convolutionOf([2, 9, 7, 13], 18, "valid")));

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

type Made = ReturnType<typeof composed>;

test("the matrices make a convolution and its filter gradient, and so do the kernels", () => {
  expect(convolutions.length).toBeGreaterThan(0);
  for (const convolution of convolutions) {
    const operands = operandsOf(convolution);
    const [want, size] = [direct(convolution, operands), magnitudes(convolution, operands)];
    const exact = minimalFiltering(convolution, operands);
    const [made, got] = [false, true].map((held) => composed(convolution, operands, held)) as [Made, Made];
    // Each element of a transform on both sides is a sum of at most 25 terms; two such follow one another.
    const roundings = 2 * POSITIONS;
    for (const key of ["y", "dFilter"] as const) {
      const label = `${labelled(convolution)}: ${key}`;
      expect(largestError(exact[key], want[key], size[key]), `${label} by definition`).toBeLessThan(
        roundings * 2 ** -53,
      );
      for (const { [key]: of } of [made, got]) {
        expect(largestError(of, want[key], size[key]), label).toBeLessThan(roundings * 2 ** -23);
      }
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
  const [want, got] = [direct(convolution, operands), composed(convolution, operands, true)];
  for (const key of ["y", "dFilter"] as const) {
    const error = rootMeanSquare(got[key].map((value, i) => value - want[key][i]!)) / rootMeanSquare(want[key]);
    expect(error).toBeLessThan(3e-7);
  }
});

test("relu's side of 0 is recomputed by a float64 sum where rounding could have chosen it", () => {
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
  const plain = outputs(convolution, operands, { t: 0, error: 0 });
  const told = limitsOf(compositionOf(convolution));
  const got = outputs(convolution, { ...operands, bias, relu: true }, told);
  const exact = chosen.map((i, c) => Math.fround(sums[i]! + bias[c]!));
  expect(chosen.map((i) => got[i])).toEqual(exact.map((value) => Math.max(value, 0)));
  const biased = outputs(convolution, { ...operands, bias }, told);
  expect(chosen.map((i) => biased[i])).toEqual(exact);
  // Without the sum some outputs would be on the other side.
  const otherSide = chosen.filter((i, c) => Math.sign(plain[i]! + bias[c]!) !== Math.sign(exact[c]!));
  expect(otherSide.length).toBeGreaterThan(10);
});

function rootMeanSquare(x: Float32Array | Float64Array): number {
  let sum = 0;
  for (const value of x) sum += value * value;
  return Math.sqrt(sum / x.length);
}
