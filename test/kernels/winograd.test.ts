// Each of Winograd's kernels against its matrices; what they make together: winograd-convolution.test.ts.
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
import { convolutions, GAP, labelled, outputLength, panelsOf, planeOf } from "./minimal-convolutions.ts";
import { DOUBTFUL, firstImages, imageLength, tableOf, windowOf } from "./windows.ts";

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
        { bias: false, relu: 0 },
        { bias: true, relu: 0 },
        { bias: true, relu: 1 },
      ].map((epilogue) => outputCase(convolution, firstImage, epilogue)),
    ),
  );
  checkKernels(memory, cases);
});

function outputCase(
  { w, outChannels }: Convolution,
  firstImage: number,
  epilogue: { readonly bias: boolean; readonly relu: number },
): KernelCase {
  const tiles = tilesOf(w).filter(({ image }) => image >= firstImage);
  const plane = tiles.length * outChannels + GAP;
  const m = noise(POSITIONS * plane, 5);
  const bias = noise(outChannels, 6);
  const y = new Wanted(w.batch * outputLength(w, outChannels), 7);
  tiles.forEach(({ image, row, column }, tile) => {
    for (let c = 0; c < outChannels; c++) {
      const product = (i: number, j: number): number => m[(5 * j + i) * plane + tile * outChannels + c]!;
      const outputs = bothSides(twoTaps.output, twoTaps.output, product)
        .map((sum, i) => ({ sum, oy: row + Math.floor(i / 4), ox: column + (i % 4) }))
        .filter(({ oy, ox }) => oy < w.outHeight && ox < w.outWidth);
      if (epilogue.bias) for (const { sum } of outputs) sum.add(bias[c]!);
      const largest = Math.max(...outputs.map(({ sum }) => Math.abs(sum.value)));
      for (const { sum, oy, ox } of outputs) {
        // With relu, what is next to nothing is summed again, from an image and a filter that are 0 here.
        const again = epilogue.relu && Math.abs(sum.value) < largest * DOUBTFUL;
        const value = again ? bias[c]! : sum.value;
        const at = ((image * w.outHeight + oy) * w.outWidth + ox) * outChannels + c;
        y.set(at, epilogue.relu ? Math.max(value, 0) : value, again ? 0 : sum.bound());
      }
    }
  });
  return {
    label: `winogradOutput ${labelled({ w, outChannels })} from image ${firstImage} ${JSON.stringify(epilogue)}`,
    inputs: [
      tableOf(w),
      bias,
      new Float32Array(w.batch * imageLength(w)),
      new Float32Array(4 * w.channels * outChannels),
      m,
    ],
    outputs: [y.before],
    scratch: 4 * 5 * outChannels,
    extent: tiles.length,
    run: (k, [to], [geometry, biases, x, filter, from, lines], ...range) => {
      const sums = [to!, from!, x!, filter!, epilogue.bias ? biases! : 0] as const;
      const sizes = [outChannels, epilogue.relu, plane] as const;
      k.winogradOutput(...sums, geometry!, ...sizes, firstImage, lines!, ...range);
    },
    expected: [y],
  };
}

test("winogradOutput lets NaN through relu", () => {
  memory.reset();
  const w = windowOf([1, 4, 4, 1], [2, 2], [1, 1], "same");
  const [y, geometry, lines] = [memory.place(16), memory.place(tableOf(w)), memory.place(4 * 5)];
  const m = memory.place(new Float32Array(POSITIONS).fill(NaN));
  memory.kernels.winogradOutput(y, m, 0, 0, 0, geometry, 1, 1, 1, 0, lines, 0, 1);
  expect(memory.floats(y, 16)).toEqual(new Float32Array(16).fill(NaN));
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

test("winogradFilterGrad adds the parts and takes them back to taps, rounded once", () => {
  const cases = convolutions.flatMap(({ w, outChannels }) =>
    [
      [1, 0],
      [3, 1],
    ].map(([parts, accumulate]): KernelCase => {
      const ins = w.channels;
      const plane = ins * outChannels + GAP;
      const partStride = POSITIONS * plane + GAP;
      const du = noise(parts! * partStride, 10);
      const dFilter = new Wanted(4 * ins * outChannels, 11);
      const back = transposed(twoTaps.filter);
      for (let pair = 0; pair < ins * outChannels; pair++) {
        const block = (i: number, j: number): number => {
          let sum = 0;
          for (let part = 0; part < parts!; part++) sum += du[part * partStride + (5 * j + i) * plane + pair]!;
          return sum;
        };
        bothSides(back, back, block).forEach((sum, tap) => {
          const index = tap * ins * outChannels + pair;
          if (accumulate) sum.add(dFilter.before[index]!);
          dFilter.set(index, sum.value, roundedOnce(sum));
        });
      }
      return {
        label: `winogradFilterGrad ${labelled({ w, outChannels })} of ${parts} parts`,
        inputs: [du],
        outputs: [dFilter.before],
        extent: ins,
        run: (k, [to], [from], ...range) => {
          const sizes = [ins, outChannels, plane, parts!, partStride, accumulate!] as const;
          k.winogradFilterGrad(to!, from!, ...sizes, ...range);
        },
        expected: [dFilter],
      };
    }),
  );
  checkKernels(memory, cases);
});
