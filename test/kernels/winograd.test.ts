// Each of Winograd's kernels against its matrices; how outputs and gradients are held to their own terms:
// recomputation.test.ts; what the kernels make together: winograd-convolution.test.ts.
import { expect, test } from "vitest";
import { KernelMemory } from "../support/kernel-memory.ts";
import {
  bothSides,
  pixel,
  POSITIONS,
  tilesOf,
  transposed,
  twoTaps,
  type Convolution,
} from "../support/reference/winograd.ts";
import { checkKernels, type ExactSum, type KernelCase, noise, ulp, Wanted } from "./check-kernel.ts";
import { withoutTerms as withoutGradientTerms } from "./gradient-operands.ts";
import {
  convolutionOf,
  convolutions,
  croppedTilesOf,
  filterGradCall,
  GAP,
  gradientPart,
  gradientPlane,
  labelled,
  outputCall,
  outputLength,
  panelsOf,
  planeOf,
  productPlane,
} from "./minimal-convolutions.ts";
import { outputOperands, withoutTerms as withoutOutputTerms, type Epilogue } from "./output-operands.ts";
import { outputTerms } from "./own-terms.ts";
import { rectified, resultOf } from "./recomputation.ts";
import { firstImages, imageLength, tableOf } from "./windows.ts";

const memory = await KernelMemory.create();

test("winogradInput takes patches to their values at the points, from any image on", () => {
  const cases = convolutions.flatMap(({ w, outChannels }) =>
    firstImages(w).map((firstImage): KernelCase => {
      const x = noise(w.batch * imageLength(w), 1);
      const at = pixel(x, [w.inHeight, w.inWidth, w.channels]);
      const tiles = tilesOf(w).filter(({ image }) => image >= firstImage);
      const plane = tiles.length * w.channels + GAP;
      const v = new Wanted(POSITIONS * plane, 2);
      tiles.forEach(({ image, row, column }, tile) => {
        for (let c = 0; c < w.channels; c++) {
          const patch = (a: number, b: number): number => at(image, row - w.padTop + a, column - w.padLeft + b, c);
          bothSides(twoTaps.input, twoTaps.input, patch).forEach((sum, p) => {
            v.set(planeOf(p) * plane + tile * w.channels + c, sum.value, sum.bound());
          });
        }
      });
      return {
        label: `winogradInput ${labelled({ w, outChannels })} from image ${firstImage}`,
        inputs: [x, tableOf(w)],
        outputs: [v.before],
        scratch: 3 * 5 * 4 * w.channels,
        extent: tiles.length,
        run: (k, [to], [from, geometry, lines], ...range) =>
          k.winogradInput(to!, from!, geometry!, plane, firstImage, lines!, ...range),
        expected: [v],
      };
    }),
  );
  checkKernels(memory, cases);
});

test("winogradFilter takes filters to their values at the points, rounded once, in panels", () => {
  const cases = convolutions.map(({ w, outChannels }): KernelCase => {
    const ins = w.channels;
    const filter = noise(4 * ins * outChannels, 3);
    const plane = panelsOf(outChannels) * ins * 16 + GAP;
    const u = new Wanted(POSITIONS * plane, 4);
    for (let c = 0; c < ins; c++) {
      for (let k = 0; k < panelsOf(outChannels) * 16; k++) {
        const tap = (a: number, b: number): number =>
          k < outChannels ? filter[((a * 2 + b) * ins + c) * outChannels + k]! : 0;
        const index = ((k >> 4) * ins + c) * 16 + (k & 15);
        bothSides(twoTaps.filter, twoTaps.filter, tap).forEach((sum, p) => {
          u.set(planeOf(p) * plane + index, sum.value, roundedOnce(sum));
        });
      }
    }
    return {
      label: `winogradFilter ${labelled({ w, outChannels })}`,
      inputs: [filter],
      outputs: [u.before],
      extent: ins,
      run: (k, [to], [from], ...range) => k.winogradFilter(to!, from!, ins, outChannels, plane, ...range),
      expected: [u],
    };
  });
  checkKernels(memory, cases);
});

/** Half a unit in the last place, and what float64 arithmetic leaves. */
function roundedOnce(sum: ExactSum): number {
  return sum.value === 0 ? 0 : ulp(sum.value) / 2 + sum.bound() * 2 ** -29;
}

test("winogradOutput takes products to outputs, adds the bias and rectifies, and crops", () => {
  const cases = convolutions.flatMap((convolution) =>
    firstImages(convolution.w).flatMap((firstImage) =>
      [
        { bias: false, relu: false },
        { bias: true, relu: false },
        { bias: true, relu: true },
      ].map((epilogue) => outputCase(convolution, firstImage, epilogue)),
    ),
  );
  checkKernels(memory, cases);
});

/** No output is held to its own terms. */
function outputCase(convolution: Convolution, firstImage: number, epilogue: Epilogue): KernelCase {
  const { w, outChannels } = convolution;
  const plane = productPlane(convolution, firstImage);
  const m = noise(POSITIONS * plane, 5);
  const bias = noise(outChannels, 6);
  const y = new Wanted(w.batch * outputLength(w, outChannels), 7);
  croppedTilesOf(w, firstImage).forEach(({ image, row, column, rows, columns }, tile) => {
    for (let c = 0; c < outChannels; c++) {
      const product = (i: number, j: number): number => m[(5 * j + i) * plane + tile * outChannels + c]!;
      bothSides(twoTaps.output, twoTaps.output, product).forEach((sum, i) => {
        const [a, b] = [Math.floor(i / 4), i % 4];
        if (a >= rows || b >= columns) return;
        if (epilogue.bias) sum.add(bias[c]!);
        const at = ((image * w.outHeight + row + a) * w.outWidth + column + b) * outChannels + c;
        y.set(at, epilogue.relu ? Math.max(sum.value, 0) : sum.value, sum.bound());
      });
    }
  });
  return {
    label: `winogradOutput ${labelled(convolution)} from image ${firstImage} ${JSON.stringify(epilogue)}`,
    ...outputCall(convolution, firstImage, m, withoutOutputTerms(w, bias, epilogue)),
    outputs: [y.before],
    expected: [y],
  };
}

test("winogradOutput sums what is not finite, and lets NaN of a window's own through relu", () => {
  for (const outChannels of [1, 3, 4, 21]) {
    const convolution = convolutionOf([1, 4, 4, 5], outChannels, "same");
    const { w } = convolution;
    const [x, filter] = [noise(imageLength(w), 15), noise(4 * 5 * outChannels, 16)];
    x[7 * 5 + 3] = NaN;
    const m = noise(POSITIONS * productPlane(convolution, 0), 17).map((_, i) => (i % 3 === 0 ? NaN : -Infinity));
    const bias = noise(outChannels, 18);
    const limits = { t: 1e-6, error: 1e-9 };
    const operands = outputOperands(w, 0, { x, filter, bias }, { bias: true, relu: true }, limits);
    const { sums } = outputTerms(w, outChannels, x, filter);
    expect(sums.filter(Number.isNaN)).toHaveLength(4 * outChannels);
    expect(resultOf(memory, outputCall(convolution, 0, m, operands), sums.length)).toEqual(
      Float32Array.from(sums, (sum, i) => rectified(sum + bias[i % outChannels]!)),
    );
  }
});

test("winogradOutputGrad takes the outputs' gradients to panels, zeros where there are none", () => {
  const cases = convolutions.flatMap(({ w, outChannels }) =>
    firstImages(w).map((firstImage): KernelCase => {
      const dy = noise(w.batch * outputLength(w, outChannels), 8);
      const at = pixel(dy, [w.outHeight, w.outWidth, outChannels]);
      const tiles = tilesOf(w).filter(({ image }) => image >= firstImage);
      const plane = panelsOf(outChannels) * tiles.length * 16 + GAP;
      const z = new Wanted(POSITIONS * plane, 9);
      const back = transposed(twoTaps.output);
      tiles.forEach(({ image, row, column }, tile) => {
        for (let c = 0; c < panelsOf(outChannels) * 16; c++) {
          const block = (a: number, b: number): number => (c < outChannels ? at(image, row + a, column + b, c) : 0);
          const index = ((c >> 4) * tiles.length + tile) * 16 + (c & 15);
          bothSides(back, back, block).forEach((sum, p) => {
            z.set(planeOf(p) * plane + index, sum.value, c < outChannels ? sum.bound() : 0);
          });
        }
      });
      return {
        label: `winogradOutputGrad ${labelled({ w, outChannels })} from image ${firstImage}`,
        inputs: [dy, tableOf(w)],
        outputs: [z.before],
        scratch: 5 * 4 * 16,
        extent: tiles.length,
        run: (k, [to], [from, geometry, lines], ...range) =>
          k.winogradOutputGrad(to!, from!, geometry!, outChannels, tiles.length, plane, firstImage, lines!, ...range),
        expected: [z],
      };
    }),
  );
  checkKernels(memory, cases);
});

test("winogradFilterGrad adds the parts, takes them back to taps, rounded once, and adds these if asked", () => {
  const cases = convolutions.flatMap((convolution) =>
    [
      { parts: 1, accumulate: false },
      { parts: 3, accumulate: true },
    ].map(({ parts, accumulate }): KernelCase => {
      const { w, outChannels } = convolution;
      const ins = w.channels;
      const [plane, partStride] = [gradientPlane(convolution), gradientPart(convolution)];
      const du = noise(parts * partStride, 10);
      const dFilter = new Wanted(4 * ins * outChannels, 11);
      const back = transposed(twoTaps.filter);
      for (let pair = 0; pair < ins * outChannels; pair++) {
        const block = (i: number, j: number): number => {
          let sum = 0;
          for (let part = 0; part < parts; part++) sum += du[part * partStride + (5 * j + i) * plane + pair]!;
          return sum;
        };
        bothSides(back, back, block).forEach((sum, tap) => {
          const index = tap * ins * outChannels + pair;
          const value = sum.value + (accumulate ? dFilter.before[index]! : 0);
          dFilter.set(index, value, roundedOnce(sum) + (accumulate ? ulp(value) / 2 : 0));
        });
      }
      return {
        label: `winogradFilterGrad ${labelled(convolution)} of ${parts} parts`,
        ...filterGradCall(convolution, du, withoutGradientTerms(w, outChannels), { parts, accumulate }, 0),
        outputs: [dFilter.before],
        expected: [dFilter],
      };
    }),
  );
  checkKernels(memory, cases);
});
