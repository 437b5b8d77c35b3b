// Each kernel of assembly/fft against the definition of the transform; how outputs and gradients are held to their
// own terms: recomputation.test.ts; what the kernels make together: fft-convolution.test.ts,
// test/ops/convolution-chunks.test.ts.
import { expect, test } from "vitest";
import { PLANES, SCRATCH_FLOATS } from "../../src/engine/lowering/convolution/fft-tables.ts";
import { KernelMemory } from "../support/kernel-memory.ts";
import { pixelOf, placeOf, planesOf, type Pixels } from "../support/reference/fft.ts";
import { UNIT } from "../support/reference/reference.ts";
import { checkKernels, noise, Wanted, type KernelCase } from "./check-kernel.ts";
import {
  blocksOf,
  convolutionOf,
  convolutions,
  filterGradCall,
  GAP,
  labelled,
  outputCall,
  outputLength,
  tableOfTiling,
  tilesOf,
  twiddles,
  type Convolution,
} from "./fft-convolutions.ts";
import { withoutTerms as withoutGradientTerms } from "./gradient-operands.ts";
import { outputOperands, withoutTerms as withoutOutputTerms, type Epilogue } from "./output-operands.ts";
import { outputTerms } from "./own-terms.ts";
import { rectified, resultOf } from "./recomputation.ts";
import { firstImages, imageLength, tableOf, type Window } from "./windows.ts";

const memory = await KernelMemory.create();

/**
 * On its way through an axis a number sees two butterflies of two additions each and a twiddle factor, a product and a
 * sum by a rounded factor; the factor takes both parts, whose magnitudes add up to √2 of the number's. Both axes, and
 * the sum of the parts.
 */
const ROUNDINGS = 2 * (2 * (2 * 2 + 3) + 1);

/** The spectrum of some pixels, each plane's value where `indexOf` says. */
function setSpectrum(wanted: Wanted, pixels: Pixels, indexOf: (plane: number) => number): void {
  const size = [...pixels.values()].reduce((sum, pixel) => sum + Math.abs(pixel), 0);
  planesOf(pixels).forEach((value, plane) => wanted.set(indexOf(plane), value, ROUNDINGS * UNIT * size));
}

test("the table of twiddle factors holds roots of unity, rounded once", () => {
  const parts = [0, 1, 2, 3].flatMap((b) =>
    [1, 2, 3].flatMap((d) => [Math.cos((Math.PI * b * d) / 8), -Math.sin((Math.PI * b * d) / 8)]),
  );
  expect(twiddles).toHaveLength(4 * parts.length);
  twiddles.forEach((twiddle, i) => {
    // JavaScript's cosine of a quarter turn is a rounding error, not 0; a 0 may have either sign.
    const part = Math.abs(parts[i >> 2]!) < 1e-15 ? 0 : Math.fround(parts[i >> 2]!);
    expect(twiddle === part, `factor ${i} is ${twiddle}, not ${part}`).toBe(true);
  });
});

test("fftInput takes what tiles see to spectra, from any image on", () => {
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
        label: `fftInput ${labelled(convolution)} from image ${firstImage}`,
        inputs: [x, tableOf(w), tableOfTiling(tiling), twiddles],
        outputs: [v.before],
        scratch: SCRATCH_FLOATS,
        extent: tiles.length,
        run: (k, [to], [from, geometry, tilingTable, table, scratch], ...range) => {
          k.fftInput(to!, from!, geometry!, tilingTable!, table!, firstImage, scratch!, ...range);
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

test("fftFilter takes filters, laid out backwards, to spectra panel by panel", () => {
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
      label: `fftFilter ${labelled(convolution)}`,
      inputs: [filter, twiddles],
      outputs: [u.before],
      scratch: SCRATCH_FLOATS,
      extent: ins,
      run: (k, [to], [from, table, scratch], ...range) => {
        const sizes = [filterHeight, filterWidth, ins, outChannels, plane] as const;
        k.fftFilter(to!, from!, table!, ...sizes, scratch!, ...range);
      },
      expected: [u],
    };
  });
  checkKernels(memory, cases);
});

test("fftOutputGrad takes tiles' gradients, laid out backwards, to lines of panels", () => {
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
        label: `fftOutputGrad ${labelled(convolution)} from image ${firstImage}`,
        inputs: [dy, tableOf(w), tableOfTiling(tiling), twiddles],
        outputs: [z.before],
        scratch: SCRATCH_FLOATS,
        extent: tiles.length,
        run: (k, [to], [from, geometry, tilingTable, table, scratch], ...range) => {
          const sizes = [outChannels, lines, firstTile, plane, firstImage] as const;
          k.fftOutputGrad(to!, from!, geometry!, tilingTable!, table!, ...sizes, scratch!, ...range);
        },
        expected: [z],
      };
    }),
  );
  checkKernels(memory, cases);
});

test("fftOutput takes products of spectra to outputs, adds the bias, rectifies and crops", () => {
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

/** Of the sixteen channels from firstChannel on. No output is held to its own terms. */
function outputCase(
  convolution: Convolution,
  firstImage: number,
  firstChannel: number,
  epilogue: Epilogue,
): KernelCase {
  const { w, outChannels } = convolution;
  const tiles = tilesOf(convolution, firstImage);
  const m = noise(tiles.length * PLANES * 16, 7);
  const bias = noise(outChannels, 8);
  const y = new Wanted(w.batch * outputLength(convolution), 9);
  tiles.forEach(({ image, row, column, rows, columns }, tile) => {
    for (let c = firstChannel; c < Math.min(firstChannel + 16, outChannels); c++) {
      const products = spectrumAt(m, tile * PLANES * 16 + c - firstChannel, 16);
      for (let i = 0; i < rows * columns; i++) {
        const [a, b] = [Math.floor(i / columns), i % columns];
        const value = pixelOf(products.value, a, b) + (epilogue.bias ? bias[c]! : 0);
        const at = (image * w.outHeight + row + a) * w.outWidth + column + b;
        const bound = products.bound + UNIT * Math.abs(value);
        y.set(at * outChannels + c, epilogue.relu ? Math.max(value, 0) : value, bound);
      }
    }
  });
  return {
    label:
      `fftOutput ${labelled(convolution)} from image ${firstImage}, ` +
      `channel ${firstChannel} ${JSON.stringify(epilogue)}`,
    ...outputCall(convolution, [firstImage, firstChannel], m, withoutOutputTerms(w, bias, epilogue)),
    outputs: [y.before],
    expected: [y],
  };
}

/** A spectrum in planes this many floats apart, and what float32 may do to a pixel of it. */
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

test("fftOutput sums what is not finite, and lets NaN of a window's own through relu", () => {
  const convolution = convolutionOf([1, 4, 4, 16], [3, 3], 16, "same");
  const { w } = convolution;
  const [x, filter, bias, m] = [noise(256, 15), noise(9 * 256, 16), noise(16, 17), noise(PLANES * 16, 18)];
  x[5 * 16 + 3] = NaN;
  // Of one channel the products are finite. Beside NaN no sum is too large to be rounding's.
  const poisoned = m.map((value, i) => ((i & 15) === 7 ? value : i & 16 ? NaN : -Infinity));
  const limits = { t: 1e-6, error: 1e-9 };
  const operands = outputOperands(w, 0, { x, filter, bias }, { bias: true, relu: true }, limits);
  const { sums } = outputTerms(w, 16, x, filter);
  expect(sums.filter(Number.isNaN)).toHaveLength(9 * 16);
  expect(resultOf(memory, outputCall(convolution, [0, 0], poisoned, operands), 256)).toEqual(
    Float32Array.from(sums, (sum, i) => rectified(sum + bias[i & 15]!)),
  );
});

test("fftFilterGrad takes spectra back to taps, and adds them if asked", () => {
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
        label: `fftFilterGrad ${labelled(convolution)}${accumulate ? ", added" : ""}`,
        ...filterGradCall(convolution, du, withoutGradientTerms(w, outChannels), accumulate, 0),
        outputs: [dFilter.before],
        expected: [dFilter],
      };
    }),
  );
  checkKernels(memory, cases);
});
