// The FFT kernels one after the other: are outputs and gradients held to their own terms, and are outputs next to 0 on
// their right side?
import { expect, test } from "vitest";
import { PLANES, SCRATCH_FLOATS } from "../../src/engine/lowering/convolution/fft-tables.ts";
import { KernelMemory } from "../support/kernel-memory.ts";
import { noise } from "./check-kernel.ts";
import { limitsOf, testGradients, testOutputs, type Composition, type Forward, type Limits } from "./composed.ts";
import {
  blocksOf,
  convolutionOf,
  filterGradCall,
  GAP,
  outputLength,
  tableOfTiling,
  tilesOf,
  twiddles,
  type Convolution,
} from "./fft-convolutions.ts";
import type { GradientOperands } from "./gradient-operands.ts";
import { magnitudesLength, magnitudesScratch, outputTerms } from "./own-terms.ts";
import { resultOf } from "./recomputation.ts";
import { imageLength, tableOf } from "./windows.ts";

const memory = await KernelMemory.create(32);

type Addresses = [number, number, number];

function placeTables({ w, tiling }: Convolution): Addresses {
  return [tableOf(w), tableOfTiling(tiling), twiddles].map((table) => memory.place(table)) as Addresses;
}

/** V of all tiles: [tiles][planes][inChannels]. */
function spectraOf(convolution: Convolution, x: Float32Array): Float32Array {
  memory.reset();
  const tiles = tilesOf(convolution).length;
  const size = tiles * PLANES * convolution.w.channels;
  const v = memory.place(size);
  const tables = placeTables(convolution);
  memory.kernels.fftInput(v, memory.place(x), ...tables, 0, memory.place(SCRATCH_FLOATS), 0, tiles);
  return memory.floats(v, size);
}

/** y by the kernels, the images that follow the first one as a chunk of their own. */
function outputs(convolution: Convolution, { x, filter, bias, relu = false }: Forward, { t, error }: Limits) {
  const { w, outChannels } = convolution;
  const [ins, tiles] = [w.channels, tilesOf(convolution).length];
  const spectra = spectraOf(convolution, x);
  memory.reset();
  const { kernels } = memory;
  const [image, weights, biases] = [memory.place(x), memory.place(filter), bias ? memory.place(bias) : 0];
  const [geometry, cuts, table] = placeTables(convolution);
  const [scratch, lines] = [memory.place(SCRATCH_FLOATS), memory.place(magnitudesScratch(w))];
  const plane = ins * 16;
  const uSize = blocksOf(outChannels) * PLANES * plane;
  const u = memory.place(uSize);
  kernels.fftFilter(u, weights, table, w.filterHeight, w.filterWidth, ins, outChannels, plane, scratch, 0, ins);
  const filterSpectra = memory.floats(u, uSize);
  const ofFilter = memory.place(3 * 16 * blocksOf(outChannels));
  const terms = filter.length / outChannels;
  kernels.filterMagnitudes(ofFilter, weights, terms, outChannels, 0, 4 * blocksOf(outChannels));
  const y = memory.place(w.batch * outputLength(convolution));
  const products = Array.from({ length: blocksOf(outChannels) }, (_, block) =>
    productsOf(spectra, filterSpectra.subarray(block * PLANES * plane), ins),
  );
  for (const [first, count] of [
    [0, 1],
    [1, w.batch - 1],
  ] as const) {
    const windows = memory.place(count * magnitudesLength(w) + 4);
    kernels.windowMagnitudes(windows, image, geometry, first, lines, 0, count);
    const seen = image + 4 * first * imageLength(w);
    const [tile, many] = [(tiles / w.batch) * first, (tiles / w.batch) * count];
    products.forEach((ofBlock, block) => {
      const m = memory.place(ofBlock.subarray(tile * PLANES * 16, (tile + many) * PLANES * 16));
      const sums = [y, m, seen, weights, biases, windows, ofFilter, geometry, cuts, table] as const;
      const sizes = [outChannels, 16 * block, Number(relu), t, error, first] as const;
      kernels.fftOutput(...sums, ...sizes, scratch, 0, many);
    });
  }
  memory.checkGuards("composed");
  return memory.floats(y, w.batch * outputLength(convolution));
}

/** V · U plane by plane, [tiles][planes][16], of a block's U; in float64, rounded once. */
function productsOf(v: Float32Array, u: Float32Array, ins: number): Float32Array {
  const products = new Float32Array((v.length / ins) * 16);
  for (let i = 0; i < products.length; i++) {
    const [row, channel] = [i >> 4, i & 15];
    let sum = 0;
    for (let c = 0; c < ins; c++) sum += v[row * ins + c]! * u[((row % PLANES) * ins + c) * 16 + channel]!;
    products[i] = sum;
  }
  return products;
}

/** dFilter by the kernels. */
function gradients(convolution: Convolution, operands: GradientOperands, t: number): Float32Array {
  const { w, outChannels } = convolution;
  const [spectra, tiles] = [spectraOf(convolution, operands.x), tilesOf(convolution).length];
  memory.reset();
  const plane = blocksOf(outChannels) * tiles * 16;
  const z = memory.place(PLANES * plane);
  const [dy, tables] = [memory.place(operands.dy), placeTables(convolution)];
  const sizes = [outChannels, tiles, 0, plane, 0] as const;
  memory.kernels.fftOutputGrad(z, dy, ...tables, ...sizes, memory.place(SCRATCH_FLOATS), 0, tiles);
  const du = gradientProducts(spectra, memory.floats(z, PLANES * plane), w.channels, blocksOf(outChannels), tiles);
  const size = w.filterHeight * w.filterWidth * w.channels * outChannels;
  return resultOf(memory, filterGradCall(convolution, du, operands, false, t), size);
}

/** Vᵀ · Z plane by plane, panel by panel, GAP floats between planes; in float64, rounded once. */
function gradientProducts(v: Float32Array, z: Float32Array, ins: number, blocks: number, tiles: number): Float32Array {
  const plane = ins * 16 + GAP;
  const du = new Float32Array(blocks * PLANES * plane);
  for (let p = 0; p < blocks * PLANES; p++) {
    const [block, at] = [Math.floor(p / PLANES), p % PLANES];
    for (let i = 0; i < ins * 16; i++) {
      let sum = 0;
      for (let tile = 0; tile < tiles; tile++) {
        const gradient = z[(at * blocks * tiles + block * tiles + tile) * 16 + (i & 15)]!;
        sum += v[(tile * PLANES + at) * ins + (i >> 4)]! * gradient;
      }
      du[p * plane + i] = sum;
    }
  }
  return du;
}

function compositionOf(convolution: Convolution): Composition {
  return {
    w: convolution.w,
    outChannels: convolution.outChannels,
    tiles: tilesOf(convolution),
    seen: 16,
    outputs: (forward, limits) => outputs(convolution, forward, limits),
    gradients: (operands, t) => gradients(convolution, operands, t),
    fade: 1 / 4,
    errsAlone: true,
    outputError: 8,
    gradientError: 16,
  };
}

// Four tiles an image; blocks of 16, 16 and 8 channels.
const fourTiles = convolutionOf([3, 15, 18, 16], [5, 3], 40, "same");
testOutputs(compositionOf(fourTiles));

// Two tiles an image, the second of one row; channels that are no multiple of four.
testGradients(compositionOf(convolutionOf([2, 13, 9, 17], [5, 4], 18, "same")));

/** An output that the bias takes next to 0. */
interface Choice {
  readonly channel: number;
  /** Its place in y. */
  readonly index: number;
  /** The side from which the bias of its channel comes near 0. */
  readonly side: 1 | -1;
}

/** The channel of each block that is next to 0 in the first tile; in the next tile it is the next channel. */
const FIRST_CHANNELS = [0, 20, 28];

/** In each tile one channel of each block, of the first two blocks never one of the last or the first four. */
function choicesOf(convolution: Convolution): Choice[] {
  const { w, outChannels } = convolution;
  return tilesOf(convolution).flatMap(({ image, row, column, rows, columns }, tile) =>
    FIRST_CHANNELS.flatMap((firstChannel, block): Choice[] => {
      const channel = firstChannel + tile;
      if (channel >> 4 !== block || channel >= outChannels) return [];
      const place = (7 * channel + 3) % (rows * columns);
      const [oy, ox] = [row + Math.floor(place / columns), column + (place % columns)];
      const index = ((image * w.outHeight + oy) * w.outWidth + ox) * outChannels + channel;
      return [{ channel, index, side: tile % 3 === 0 ? -1 : 1 }];
    }),
  );
}

/** The float32 number next to -sum that brings it to that side of 0. */
function biasFor(sum: number, side: 1 | -1): number {
  const nearest = Math.fround(-sum);
  if (Math.sign(sum + nearest) === side) return nearest;
  const bits = new Int32Array(Float32Array.of(nearest).buffer);
  bits[0]! += Math.sign(nearest) === side ? 1 : -1;
  return new Float32Array(bits.buffer)[0]!;
}

test("relu's side of 0 is recomputed by a float64 sum where rounding could have chosen it", () => {
  const convolution = fourTiles;
  const { w, outChannels } = convolution;
  const operands = { x: noise(w.batch * imageLength(w), 15), filter: noise(15 * 16 * outChannels, 16) };
  const { sums } = outputTerms(w, outChannels, operands.x, operands.filter);
  const choices = choicesOf(convolution);
  expect(choices).toHaveLength(12 + 12 + 8);
  const bias = noise(outChannels, 17);
  for (const { channel, index, side } of choices) bias[channel] = biasFor(sums[index]!, side);
  const plain = outputs(convolution, operands, { t: 0, error: 0 });
  const told = limitsOf(compositionOf(convolution));
  const [got, biased] = [true, false].map((relu) => outputs(convolution, { ...operands, bias, relu }, told)) as [
    Float32Array,
    Float32Array,
  ];

  const exact = choices.map(({ index, channel }) => Math.fround(sums[index]! + bias[channel]!));
  expect(choices.map(({ index }) => got[index])).toEqual(exact.map((value) => Math.max(value, 0)));
  expect(choices.map(({ index }) => biased[index])).toEqual(exact);
  expect(exact.map(Math.sign)).toEqual(choices.map(({ side }) => side));
  // Without the sum some outputs would be on the other side.
  const otherSide = choices.filter(
    ({ index, channel, side }) => Math.sign(Math.fround(plain[index]! + bias[channel]!)) !== side,
  );
  expect(otherSide.length).toBeGreaterThan(5);

  // All other outputs are as exact as a transform makes them.
  const largest = sums.reduce((most, sum) => Math.max(most, Math.abs(sum)), 0);
  for (const [y, want] of [
    [plain, sums],
    [got, sums.map((sum, i) => Math.max(sum + bias[i % outChannels]!, 0))],
  ] as const) {
    expect(y).toHaveLength(want.length);
    expect(y.reduce((worst, value, i) => Math.max(worst, Math.abs(value - want[i]!)), 0)).toBeLessThan(
      2 ** -19 * largest,
    );
  }
});
