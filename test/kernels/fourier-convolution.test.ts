// Fourier's kernels one after the other: is relu's side of 0 the exact sum's?
import { expect, test } from "vitest";
import { PLANES, SCRATCH_FLOATS } from "../../src/ops/lowering/fourier-tables.ts";
import { KernelMemory } from "../support/kernel-memory.ts";
import { noise } from "./check-kernel.ts";
import {
  blocksOf,
  convolutionOf,
  outputLength,
  tableOfTiling,
  tilesOf,
  turnsOf,
  type Convolution,
} from "./fourier-convolutions.ts";
import { forEachTap, imageLength, tableOf } from "./windows.ts";

const memory = await KernelMemory.create();

interface Operands {
  readonly x: Float32Array;
  readonly filter: Float32Array;
}

/** y by the kernels, the images that follow the first one as a chunk of their own; a bias brings relu. */
function composed(convolution: Convolution, { x, filter }: Operands, bias?: Float32Array): Float32Array {
  memory.reset();
  const { kernels } = memory;
  const { w, outChannels, tiling } = convolution;
  const [ins, tiles] = [w.channels, tilesOf(convolution).length];
  const [image, weights, biases] = [memory.place(x), memory.place(filter), bias ? memory.place(bias) : 0];
  const [geometry, cuts, turns] = [tableOf(w), tableOfTiling(tiling), turnsOf()].map((table) =>
    memory.place(table),
  ) as [number, number, number];
  const scratch = memory.place(SCRATCH_FLOATS);
  const plane = ins * 16;
  const [vSize, uSize] = [tiles * PLANES * ins, blocksOf(outChannels) * PLANES * plane];
  const [v, u] = [memory.place(vSize), memory.place(uSize)];
  kernels.fourierInput(v, image, geometry, cuts, turns, 0, scratch, 0, tiles);
  kernels.fourierFilter(u, weights, turns, w.filterHeight, w.filterWidth, ins, outChannels, plane, scratch, 0, ins);
  const [spectra, filterSpectra] = [memory.floats(v, vSize), memory.floats(u, uSize)];
  const y = memory.place(w.batch * outputLength(convolution));
  for (let block = 0; block < blocksOf(outChannels); block++) {
    const products = productsOf(spectra, filterSpectra.subarray(block * PLANES * plane), ins);
    for (const [first, count] of [
      [0, 1],
      [1, w.batch - 1],
    ] as const) {
      // prettier-ignore
      const [tile, many] = [(tiles / w.batch) * first, (tiles / w.batch) * count];
      const m = memory.place(products.subarray(tile * PLANES * 16, (tile + many) * PLANES * 16));
      const seen = image + 4 * first * imageLength(w);
      const tables = [geometry, cuts, turns, outChannels, 16 * block, Number(!!bias), first] as const;
      kernels.fourierOutput(y, m, seen, weights, biases, ...tables, scratch, 0, many);
    }
  }
  memory.checkGuards("composed");
  return memory.floats(y, w.batch * outputLength(convolution));
}

/** V · U plane by plane, [tiles][planes][16], of a block's U; in float64, rounded once. */
function productsOf(v: Float32Array, u: Float32Array, ins: number): Float32Array {
  return Float32Array.from({ length: (v.length / ins) * 16 }, (_, i) => {
    const [row, channel] = [i >> 4, i & 15];
    let sum = 0;
    for (let c = 0; c < ins; c++) sum += v[row * ins + c]! * u[((row % PLANES) * ins + c) * 16 + channel]!;
    return sum;
  });
}

/** y window by window, in the order of the float64 sums that settle. */
function direct(convolution: Convolution, { x, filter }: Operands): Float64Array {
  const { w, outChannels } = convolution;
  const y = new Float64Array(w.batch * outputLength(convolution));
  forEachTap(w, (output, tap, pixel) => {
    for (let c = 0; c < w.channels; c++) {
      for (let k = 0; k < outChannels; k++) {
        y[output * outChannels + k]! += x[pixel * w.channels + c]! * filter[(tap * w.channels + c) * outChannels + k]!;
      }
    }
  });
  return y;
}

/** An output to be taken next to 0. */
interface Choice {
  readonly channel: number;
  /** Where in y. */
  readonly index: number;
  /** From which side its channel's bias comes near. */
  readonly side: 1 | -1;
}

/** Each block's channel that is next to 0 in the first tile; in the next tile it is the next one. */
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

test("relu's side of 0 is settled by a float64 sum where rounding could have chosen it", () => {
  // Four tiles an image; blocks of 16, 16 and 8 channels.
  const convolution = convolutionOf([3, 15, 18, 16], [5, 3], 40, "same");
  const { w, outChannels } = convolution;
  const operands = { x: noise(w.batch * imageLength(w), 15), filter: noise(15 * 16 * outChannels, 16) };
  const sums = direct(convolution, operands);
  const choices = choicesOf(convolution);
  expect(choices).toHaveLength(12 + 12 + 8);
  const bias = noise(outChannels, 17);
  for (const { channel, index, side } of choices) bias[channel] = biasFor(sums[index]!, side);
  const plain = composed(convolution, operands);
  const got = composed(convolution, operands, bias);

  const exact = choices.map(({ index, channel }) => Math.fround(sums[index]! + bias[channel]!));
  expect(choices.map(({ index }) => got[index])).toEqual(exact.map((value) => Math.max(value, 0)));
  expect(exact.map(Math.sign)).toEqual(choices.map(({ side }) => side));
  // Without it some would be on the other side.
  const otherSide = choices.filter(
    ({ index, channel, side }) => Math.sign(Math.fround(plain[index]! + bias[channel]!)) !== side,
  );
  expect(otherSide.length).toBeGreaterThan(5);

  // All others are as good as a transform makes them.
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
