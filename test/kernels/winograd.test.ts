// Each of Winograd's kernels against its matrices; what they make together: winograd-convolution.test.ts.
import { expect, test } from "vitest";
import { KernelMemory } from "../support/kernel-memory.ts";
import {
  bothSides,
  pixel,
  tilesOf,
  transposed,
  type Convolution,
  type MinimalFilter,
} from "../support/reference/winograd.ts";
import { checkKernels, type ExactSum, type Expected, type KernelCase, noise, ulp } from "./check-kernel.ts";
import { convolutions, GAP, labelled, outputLength, panelsOf, positionsOf } from "./minimal-convolutions.ts";
import { imageLength, tableOf, type Window, windowOf } from "./windows.ts";
import { Planes } from "./winograd-planes.ts";

const memory = await KernelMemory.create();

/** What a buffer holds before and must hold after: everything it held, until elements are set. */
class Wanted implements Expected {
  readonly before: Float32Array;
  readonly values: Float64Array;
  readonly bound: Float64Array;

  constructor(length: number, seed: number) {
    this.before = noise(length, seed);
    this.values = Float64Array.from(this.before);
    this.bound = new Float64Array(length);
  }

  set(index: number, value: number, bound = 0): void {
    this.values[index] = value;
    this.bound[index] = bound;
  }
}

/** The row's and the column's point of a value among those of bothSides(). */
const pointsAt = (value: number, { input: { length: width } }: MinimalFilter): [number, number] => [
  Math.floor(value / width),
  value % width,
];

/** Images to start from: the first and the last. */
const firstImages = (w: Window): number[] => [...new Set([0, w.batch - 1])];

test("winogradInput takes patches to their values at the points, from any image on", () => {
  const cases = convolutions.flatMap(({ w, f, ...rest }) =>
    firstImages(w).map((firstImage): KernelCase => {
      const x = noise(w.batch * imageLength(w), 1);
      const at = pixel(x, [w.inHeight, w.inWidth, w.channels]);
      const tiles = tilesOf(w, f).filter(({ image }) => image >= firstImage);
      const planes = new Planes(f, tiles);
      const plane = tiles.length * w.channels + GAP;
      const v = new Wanted(positionsOf(f) * plane, 2);
      for (const tile of tiles) {
        const { image, row, column, down, across } = tile;
        for (let c = 0; c < w.channels; c++) {
          const patch = (a: number, b: number): number => at(image, row - w.padTop + a, column - w.padLeft + b, c);
          bothSides(down.input, across.input, patch).forEach((sum, p) => {
            const [i, j] = pointsAt(p, across);
            v.set(planes.plane(i, j) * plane + planes.number(tile) * w.channels + c, sum.value, sum.bound());
          });
        }
      }
      return {
        label: `winogradInput ${labelled({ w, f, ...rest })} from image ${firstImage}`,
        inputs: [x, tableOf(w)],
        outputs: [v.before],
        scratch: 3 * f.input.length * 4 * w.channels,
        extent: tiles.length,
        run: (k, [to], [from, geometry, lines], ...range) =>
          k.winogradInput(to!, from!, geometry!, tiles.length, plane, firstImage, lines!, ...range),
        expected: [v],
      };
    }),
  );
  checkKernels(memory, cases);
});

test("winogradFilter takes filters to their values at the points, rounded once, in panels", () => {
  const cases = convolutions.map(({ w, outChannels, f }): KernelCase => {
    const ins = w.channels;
    const filter = noise(f.taps ** 2 * ins * outChannels, 3);
    const planes = new Planes(f);
    const plane = panelsOf(outChannels) * ins * 16 + GAP;
    const u = new Wanted(positionsOf(f) * plane, 4);
    for (let c = 0; c < ins; c++) {
      for (let k = 0; k < panelsOf(outChannels) * 16; k++) {
        const tap = (a: number, b: number): number =>
          k < outChannels ? filter[((a * f.taps + b) * ins + c) * outChannels + k]! : 0;
        const index = ((k >> 4) * ins + c) * 16 + (k & 15);
        bothSides(f.filter, f.filter, tap).forEach((sum, p) => {
          u.set(planes.plane(...pointsAt(p, f)) * plane + index, sum.value, roundedOnce(sum));
        });
      }
    }
    return {
      label: `winogradFilter ${labelled({ w, outChannels, f })}`,
      inputs: [filter],
      outputs: [u.before],
      extent: ins,
      run: (k, [to], [from], ...range) => k.winogradFilter(to!, from!, f.taps, ins, outChannels, plane, ...range),
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
  { w, outChannels, f }: Convolution,
  firstImage: number,
  epilogue: { readonly bias: boolean; readonly relu: number },
): KernelCase {
  const tiles = tilesOf(w, f).filter(({ image }) => image >= firstImage);
  const planes = new Planes(f, tiles);
  const plane = tiles.length * outChannels + GAP;
  const m = noise(positionsOf(f) * plane, 5);
  const bias = noise(outChannels, 6);
  const y = new Wanted(w.batch * outputLength(w, outChannels), 7);
  for (const tile of tiles) {
    const { image, row, column, down, across } = tile;
    const [line, width] = [planes.number(tile), across.output.length];
    for (let c = 0; c < outChannels; c++) {
      const product = (i: number, j: number): number => m[planes.plane(i, j) * plane + line * outChannels + c]!;
      const outputs = bothSides(down.output, across.output, product)
        .map((sum, i) => ({ sum, oy: row + Math.floor(i / width), ox: column + (i % width) }))
        .filter(({ oy, ox }) => oy < w.outHeight && ox < w.outWidth);
      if (epilogue.bias) for (const { sum } of outputs) sum.add(bias[c]!);
      const largest = Math.max(...outputs.map(({ sum }) => Math.abs(sum.value)));
      for (const { sum, oy, ox } of outputs) {
        // With relu, what is next to nothing is summed again, from an image and a filter that are 0 here.
        const again = epilogue.relu && Math.abs(sum.value) < largest / 32768;
        const value = again ? bias[c]! : sum.value;
        const at = ((image * w.outHeight + oy) * w.outWidth + ox) * outChannels + c;
        y.set(at, epilogue.relu ? Math.max(value, 0) : value, again ? 0 : sum.bound());
      }
    }
  }
  return {
    label: `winogradOutput ${labelled({ w, outChannels, f })} from image ${firstImage} ${JSON.stringify(epilogue)}`,
    inputs: [
      tableOf(w),
      bias,
      new Float32Array(w.batch * imageLength(w)),
      new Float32Array(f.taps ** 2 * w.channels * outChannels),
      m,
    ],
    outputs: [y.before],
    scratch: 4 * f.input.length * outChannels,
    extent: tiles.length,
    run: (k, [to], [geometry, biases, x, filter, from, lines], ...range) => {
      const sums = [to!, from!, x!, filter!, epilogue.bias ? biases! : 0] as const;
      const sizes = [outChannels, epilogue.relu, tiles.length, plane] as const;
      k.winogradOutput(...sums, geometry!, ...sizes, firstImage, lines!, ...range);
    },
    expected: [y],
  };
}

test("winogradOutput lets NaN through relu", () => {
  memory.reset();
  const w = windowOf([1, 4, 4, 1], [5, 5], [1, 1], "same");
  const [y, geometry, lines] = [memory.place(16), memory.place(tableOf(w)), memory.place(4 * 8)];
  const m = memory.place(new Float32Array(64).fill(NaN));
  memory.kernels.winogradOutput(y, m, 0, 0, 0, geometry, 1, 1, 1, 1, 0, lines, 0, 1);
  expect(memory.floats(y, 16)).toEqual(new Float32Array(16).fill(NaN));
});

test("winogradOutputGrad takes the outputs' gradients to panels, zeros where there are none", () => {
  const cases = convolutions.flatMap(({ w, outChannels, f }) =>
    firstImages(w).map((firstImage): KernelCase => {
      const dy = noise(w.batch * outputLength(w, outChannels), 8);
      const at = pixel(dy, [w.outHeight, w.outWidth, outChannels]);
      const tiles = tilesOf(w, f).filter(({ image }) => image >= firstImage);
      const planes = new Planes(f, tiles);
      const plane = panelsOf(outChannels) * tiles.length * 16 + GAP;
      const z = new Wanted(positionsOf(f) * plane, 9);
      for (const [i, j] of Array.from({ length: positionsOf(f) }, (_, p) => pointsAt(p, f))) {
        planes.tilesAt(i, j).forEach(({ image, row, column, down, across }, line, { length: lines }) => {
          const [left, right] = [transposed(down.output)[i]!, transposed(across.output)[j]!];
          for (let c = 0; c < panelsOf(outChannels) * 16; c++) {
            const block = (a: number, b: number): number => (c < outChannels ? at(image, row + a, column + b, c) : 0);
            const [sum] = bothSides([left], [right], block);
            const index = ((c >> 4) * lines + line) * 16 + (c & 15);
            z.set(planes.plane(i, j) * plane + index, sum!.value, c < outChannels ? sum!.bound() : 0);
          }
        });
      }
      return {
        label: `winogradOutputGrad ${labelled({ w, outChannels, f })} from image ${firstImage}`,
        inputs: [dy, tableOf(w)],
        outputs: [z.before],
        scratch: f.input.length * 4 * 16,
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
  const cases = convolutions.flatMap(({ w, outChannels, f }) =>
    [
      [1, 0],
      [3, 1],
    ].map(([parts, accumulate]): KernelCase => {
      const ins = w.channels;
      const planes = new Planes(f);
      const plane = ins * outChannels + GAP;
      const partStride = positionsOf(f) * plane + GAP;
      const du = noise(parts! * partStride, 10);
      const dFilter = new Wanted(f.taps ** 2 * ins * outChannels, 11);
      for (let i = 0; i < ins * outChannels; i++) {
        const block = (a: number, b: number): number => {
          let sum = 0;
          for (let part = 0; part < parts!; part++) sum += du[part * partStride + planes.plane(a, b) * plane + i]!;
          return sum;
        };
        bothSides(transposed(f.filter), transposed(f.filter), block).forEach((sum, tap) => {
          const index = tap * ins * outChannels + i;
          if (accumulate) sum.add(dFilter.before[index]!);
          dFilter.set(index, sum.value, roundedOnce(sum));
        });
      }
      return {
        label: `winogradFilterGrad ${labelled({ w, outChannels, f })} of ${parts} parts`,
        inputs: [du],
        outputs: [dFilter.before],
        extent: ins,
        run: (k, [to], [from], ...range) => {
          const sizes = [f.taps, ins, outChannels, plane, parts!, partStride, accumulate!] as const;
          k.winogradFilterGrad(to!, from!, ...sizes, ...range);
        },
        expected: [dFilter],
      };
    }),
  );
  checkKernels(memory, cases);
});
