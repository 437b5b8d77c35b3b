// Each kernel of assembly/fourier against the definition of the transform; what they make together:
// fourier-convolution.test.ts, test/ops/convolution-chunks.test.ts.
import { expect, test } from "vitest";
import { PLANES, SCRATCH_FLOATS } from "../../src/ops/lowering/fourier-tables.ts";
import { KernelMemory } from "../support/kernel-memory.ts";
import { pixelOf, placeOf, planesOf, SPECTRUM, type Pixels } from "../support/reference/fourier.ts";
import { UNIT } from "../support/reference/reference.ts";
import { checkKernels, noise, Wanted, type KernelCase } from "./check-kernel.ts";
import {
  blocksOf,
  convolutions,
  GAP,
  labelled,
  outputLength,
  tableOfTiling,
  tilesOf,
  turnsOf,
  type Convolution,
} from "./fourier-convolutions.ts";
import { DOUBTFUL, firstImages, forEachTap, imageLength, tableOf, windowOf, type Window } from "./windows.ts";

const memory = await KernelMemory.create();
const turns = turnsOf();

/**
 * On its way through an axis a number sees two butterflies of two additions each and a turn of a product and a sum by a rounded
 * factor; a turn takes both parts, whose magnitudes add up to √2 of the number's. Both axes, and the sum of the parts.
 */
const ROUNDINGS = 2 * (2 * (2 * 2 + 3) + 1);

/** The spectrum of some pixels, each plane's value where `indexOf` says. */
function setSpectrum(wanted: Wanted, pixels: Pixels, indexOf: (plane: number) => number): void {
  const size = [...pixels.values()].reduce((sum, pixel) => sum + Math.abs(pixel), 0);
  planesOf(pixels).forEach((value, plane) => wanted.set(indexOf(plane), value, ROUNDINGS * UNIT * size));
}

test("the table of turns holds roots of unity, rounded once", () => {
  const parts = [0, 1, 2, 3].flatMap((b) =>
    [1, 2, 3].flatMap((d) => [Math.cos((Math.PI * b * d) / 8), -Math.sin((Math.PI * b * d) / 8)]),
  );
  expect(turns).toHaveLength(4 * parts.length);
  turns.forEach((turn, i) => {
    // JavaScript's cosine of a quarter turn is a rounding error, not 0; a 0 may have either sign.
    const part = Math.abs(parts[i >> 2]!) < 1e-15 ? 0 : Math.fround(parts[i >> 2]!);
    expect(turn === part, `turn ${i} is ${turn}, not ${part}`).toBe(true);
  });
});

test("fourierInput takes what tiles see to spectra, from any image on", () => {
  const cases = convolutions.flatMap((convolution) =>
    firstImages(convolution.w).map((firstImage): KernelCase => {
      const { w, tiling } = convolution;
      const x = noise(w.batch * imageLength(w), 1);
      const tiles = tilesOf(convolution, firstImage);
      const v = new Wanted(tiles.length * PLANES * w.channels, 2);
      tiles.forEach(({ image, row, column }, tile) => {
        for (let c = 0; c < w.channels; c++) {
          const pixels = pixelsSeen(x, w, image, row - w.padTop, column - w.padLeft, c);
          setSpectrum(v, pixels, (plane) => (tile * PLANES + plane) * w.channels + c);
        }
      });
      return {
        label: `fourierInput ${labelled(convolution)} from image ${firstImage}`,
        inputs: [x, tableOf(w), tableOfTiling(tiling), turns],
        outputs: [v.before],
        scratch: SCRATCH_FLOATS,
        extent: tiles.length,
        run: (k, [to], [from, geometry, tilingTable, table, scratch], ...range) => {
          k.fourierInput(to!, from!, geometry!, tilingTable!, table!, firstImage, scratch!, ...range);
        },
        expected: [v],
      };
    }),
  );
  checkKernels(memory, cases);
});

/** The pixels of a channel that a window of 16×16 sees from (top, left) on. */
function pixelsSeen(x: Float32Array, w: Window, image: number, top: number, left: number, channel: number): Pixels {
  const seen = new Map<number, number>();
  for (let row = Math.max(0, top); row < Math.min(w.inHeight, top + 16); row++) {
    for (let column = Math.max(0, left); column < Math.min(w.inWidth, left + 16); column++) {
      const index = ((image * w.inHeight + row) * w.inWidth + column) * w.channels + channel;
      seen.set(placeOf(row - top, column - left), x[index]!);
    }
  }
  return seen;
}

test("fourierFilter takes filters, laid out backwards, to spectra panel by panel", () => {
  const cases = convolutions.map((convolution): KernelCase => {
    const { w, outChannels } = convolution;
    const { filterHeight, filterWidth, channels: ins } = w;
    const filter = noise(filterHeight * filterWidth * ins * outChannels, 3);
    const plane = ins * 16 + GAP;
    const u = new Wanted(blocksOf(outChannels) * PLANES * plane, 4);
    for (let c = 0; c < ins; c++) {
      for (let k = 0; k < blocksOf(outChannels) * 16; k++) {
        const taps = new Map<number, number>();
        for (let tap = 0; k < outChannels && tap < filterHeight * filterWidth; tap++) {
          const place = placeOf(-Math.floor(tap / filterWidth), -(tap % filterWidth));
          taps.set(place, filter[(tap * ins + c) * outChannels + k]!);
        }
        setSpectrum(u, taps, (p) => ((k >> 4) * PLANES + p) * plane + c * 16 + (k & 15));
      }
    }
    return {
      label: `fourierFilter ${labelled(convolution)}`,
      inputs: [filter, turns],
      outputs: [u.before],
      scratch: SCRATCH_FLOATS,
      extent: ins,
      run: (k, [to], [from, table, scratch], ...range) => {
        const sizes = [filterHeight, filterWidth, ins, outChannels, plane] as const;
        k.fourierFilter(to!, from!, table!, ...sizes, scratch!, ...range);
      },
      expected: [u],
    };
  });
  checkKernels(memory, cases);
});

test("fourierOutputGrad takes tiles' gradients, laid out backwards, to lines of panels", () => {
  const cases = convolutions.flatMap((convolution) =>
    firstImages(convolution.w).map((firstImage): KernelCase => {
      const { w, outChannels, tiling } = convolution;
      const dy = noise(w.batch * outputLength(convolution), 5);
      const tiles = tilesOf(convolution, firstImage);
      // The panels hold a tile before these, and one after them.
      const [lines, firstTile] = [tiles.length + 2, 1];
      const plane = blocksOf(outChannels) * lines * 16 + GAP;
      const z = new Wanted(PLANES * plane, 6);
      tiles.forEach(({ image, row, column, rows, columns }, tile) => {
        for (let c = 0; c < blocksOf(outChannels) * 16; c++) {
          const pixels = new Map<number, number>();
          for (let i = 0; c < outChannels && i < rows * columns; i++) {
            const [a, b] = [Math.floor(i / columns), i % columns];
            const index = ((image * w.outHeight + row + a) * w.outWidth + column + b) * outChannels + c;
            pixels.set(placeOf(-a, -b), dy[index]!);
          }
          setSpectrum(z, pixels, (p) => p * plane + ((c >> 4) * lines + firstTile + tile) * 16 + (c & 15));
        }
      });
      return {
        label: `fourierOutputGrad ${labelled(convolution)} from image ${firstImage}`,
        inputs: [dy, tableOf(w), tableOfTiling(tiling), turns],
        outputs: [z.before],
        scratch: SCRATCH_FLOATS,
        extent: tiles.length,
        run: (k, [to], [from, geometry, tilingTable, table, scratch], ...range) => {
          const sizes = [outChannels, lines, firstTile, plane, firstImage] as const;
          k.fourierOutputGrad(to!, from!, geometry!, tilingTable!, table!, ...sizes, scratch!, ...range);
        },
        expected: [z],
      };
    }),
  );
  checkKernels(memory, cases);
});

test("fourierOutput takes products of spectra to outputs, adds the bias, rectifies and crops", () => {
  const cases = convolutions.flatMap((convolution) =>
    firstImages(convolution.w).flatMap((firstImage) =>
      [
        { bias: false, relu: false },
        { bias: true, relu: false },
        { bias: true, relu: true },
      ].flatMap((epilogue) =>
        Array.from({ length: blocksOf(convolution.outChannels) }, (_, block) =>
          outputCase(convolution, firstImage, 16 * block, epilogue),
        ),
      ),
    ),
  );
  checkKernels(memory, cases);
});

interface Epilogue {
  readonly bias: boolean;
  readonly relu: boolean;
}

/** Of the sixteen channels from firstChannel on. */
function outputCase(
  convolution: Convolution,
  firstImage: number,
  firstChannel: number,
  epilogue: Epilogue,
): KernelCase {
  const { w, outChannels, tiling } = convolution;
  const tiles = tilesOf(convolution, firstImage);
  const m = noise(tiles.length * PLANES * 16, 7);
  const bias = noise(outChannels, 8);
  const y = new Wanted(w.batch * outputLength(convolution), 9);
  tiles.forEach(({ image, row, column, rows, columns }, tile) => {
    for (let c = firstChannel; c < Math.min(firstChannel + 16, outChannels); c++) {
      const products = spectrumAt(m, tile * PLANES * 16 + c - firstChannel, 16);
      const added = epilogue.bias ? bias[c]! : 0;
      const sums = Array.from({ length: rows * columns }, (_, i) => {
        return pixelOf(products.value, Math.floor(i / columns), i % columns) + added;
      });
      const largest = Math.max(...sums.map(Math.abs));
      sums.forEach((sum, i) => {
        // With relu, what is next to nothing is summed again, from an image and a filter that are 0 here.
        const again = epilogue.relu && Math.abs(sum) < largest * DOUBTFUL;
        const value = again ? added : sum;
        const at = (image * w.outHeight + row + Math.floor(i / columns)) * w.outWidth + column + (i % columns);
        const bound = again ? 0 : products.bound + UNIT * Math.abs(value);
        y.set(at * outChannels + c, epilogue.relu ? Math.max(value, 0) : value, bound);
      });
    }
  });
  return {
    label: `fourierOutput ${labelled(convolution)} from image ${firstImage}, channel ${firstChannel} ${JSON.stringify(epilogue)}`,
    inputs: [
      tableOf(w),
      tableOfTiling(tiling),
      turns,
      bias,
      new Float32Array(w.batch * imageLength(w)),
      new Float32Array(w.filterHeight * w.filterWidth * w.channels * outChannels),
      m,
    ],
    outputs: [y.before],
    scratch: SCRATCH_FLOATS,
    extent: tiles.length,
    run: (k, [to], [geometry, tilingTable, table, biases, x, filter, from, scratch], ...range) => {
      const sums = [to!, from!, x!, filter!, epilogue.bias ? biases! : 0] as const;
      const sizes = [outChannels, firstChannel, Number(epilogue.relu), firstImage] as const;
      k.fourierOutput(...sums, geometry!, tilingTable!, table!, ...sizes, scratch!, ...range);
    },
    expected: [y],
  };
}

/** A spectrum in planes so many floats apart, and what float32 may do to a pixel of it. */
function spectrumAt(
  m: Float32Array,
  start: number,
  stride: number,
): { value: (plane: number) => number; bound: number } {
  const value = (plane: number): number => m[start + plane * stride]!;
  let size = 0;
  for (let plane = 0; plane < PLANES; plane++) size += Math.abs(value(plane));
  // Each plane goes into both parts of its value, which counts twice; the parts are differences of two and three.
  return { value, bound: ((ROUNDINGS + 2) * UNIT * 4 * size) / 256 };
}

test("fourierOutput with relu sums again what may be rounding's work alone", () => {
  memory.reset();
  const w = windowOf([1, 6, 7, 16], [5, 5], [1, 1], "same");
  const [x, filter] = [noise(imageLength(w), 12), noise(25 * 16 * 16, 13)];
  x.fill(0, 0, 2 * 7 * 16);
  // All pixels but one are 0, or what float32 makes of 0.
  const [row, column] = [4, 3];
  const planes = planesOf(new Map([[placeOf(row, column), 1]]));
  const m = new Float32Array(PLANES * 16);
  for (const { plane, real } of SPECTRUM) {
    m.fill(planes[plane]!, plane * 16, plane * 16 + 16);
    if (!real) m.fill(planes[plane + 2]!, (plane + 2) * 16, (plane + 2) * 16 + 16);
  }
  const y = memory.place(6 * 7 * 16);
  const sums = [y, memory.place(m), memory.place(x), memory.place(filter), 0] as const;
  const tables = [memory.place(tableOf(w)), memory.place(Int32Array.of(6, 7, 1, 1)), memory.place(turns)] as const;
  memory.kernels.fourierOutput(...sums, ...tables, 16, 0, 1, 0, memory.place(SCRATCH_FLOATS), 0, 1);
  const got = memory.floats(y, 6 * 7 * 16);
  const want = new Float64Array(got.length);
  forEachTap(w, (output, tap, input) => {
    for (let i = 0; i < 256; i++) {
      want[output * 16 + (i & 15)]! += x[input * 16 + (i >> 4)]! * filter[tap * 256 + i]!;
    }
  });
  const pixel = (row * 7 + column) * 16;
  want.fill(1, pixel, pixel + 16);
  got.forEach((value, i) => expect(value).toBe(Math.fround(Math.max(want[i]!, 0))));
  expect(got.filter((value) => value > 0).length).toBeGreaterThan(got.length / 4);
  expect(got.slice(0, 7 * 16).some((value) => value !== 0)).toBe(true);
});

test("fourierOutput lets NaN through relu", () => {
  memory.reset();
  const w = windowOf([1, 4, 4, 16], [5, 5], [1, 1], "same");
  const [geometry, tiling] = [memory.place(tableOf(w)), memory.place(Int32Array.of(4, 4, 1, 1))];
  const [y, table, scratch] = [memory.place(16 * 16), memory.place(turns), memory.place(SCRATCH_FLOATS)];
  const m = memory.place(new Float32Array(PLANES * 16).fill(NaN));
  memory.kernels.fourierOutput(y, m, 0, 0, 0, geometry, tiling, table, 16, 0, 1, 0, scratch, 0, 1);
  expect(memory.floats(y, 256)).toEqual(new Float32Array(256).fill(NaN));
});

test("fourierFilterGrad takes spectra back to taps, and adds them if asked", () => {
  const cases = convolutions.flatMap((convolution) =>
    [false, true].map((accumulate): KernelCase => {
      const { w, outChannels } = convolution;
      const { filterHeight, filterWidth, channels: ins } = w;
      const plane = ins * 16 + GAP;
      const du = noise(blocksOf(outChannels) * PLANES * plane, 10);
      const dFilter = new Wanted(filterHeight * filterWidth * ins * outChannels, 11);
      for (let i = 0; i < ins * outChannels; i++) {
        const [c, k] = [Math.floor(i / outChannels), i % outChannels];
        const sums = spectrumAt(du, (k >> 4) * PLANES * plane + c * 16 + (k & 15), plane);
        for (let tap = 0; tap < filterHeight * filterWidth; tap++) {
          const index = tap * ins * outChannels + i;
          const before = accumulate ? dFilter.before[index]! : 0;
          const value = pixelOf(sums.value, Math.floor(tap / filterWidth), tap % filterWidth) + before;
          dFilter.set(index, value, sums.bound + UNIT * Math.abs(value));
        }
      }
      return {
        label: `fourierFilterGrad ${labelled(convolution)}${accumulate ? ", added" : ""}`,
        inputs: [du, turns],
        outputs: [dFilter.before],
        scratch: SCRATCH_FLOATS,
        extent: ins,
        run: (k, [to], [from, table, scratch], ...range) => {
          const sizes = [filterHeight, filterWidth, ins, outChannels, plane, Number(accumulate)] as const;
          k.fourierFilterGrad(to!, from!, table!, ...sizes, scratch!, ...range);
        },
        expected: [dFilter],
      };
    }),
  );
  checkKernels(memory, cases);
});
