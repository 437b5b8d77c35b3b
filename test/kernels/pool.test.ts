import { test } from "vitest";
import { KernelMemory } from "../support/kernel-memory.ts";
import { checkKernels, ExactSum, expectedSums, integers, type KernelCase, noise } from "./check-kernel.ts";
import { forEachTap, imageLength, labelOf, rowsOf, tableOf, type Window, windows } from "./windows.ts";

const memory = await KernelMemory.create();

const outLength = (w: Window): number => rowsOf(w) * w.channels;
const inLength = (w: Window): number => w.batch * imageLength(w);
const sumsOf = (length: number): ExactSum[] => Array.from({ length }, () => new ExactSum());

/** How many taps of each window lie inside the image. */
function tapCounts(w: Window): Int32Array {
  const counts = new Int32Array(rowsOf(w));
  forEachTap(w, (row) => counts[row]!++);
  return counts;
}

/** forEachTap for every channel: element of the output, element of the input. */
function forEachElement(w: Window, visit: (out: number, tap: number, input: number) => void): void {
  forEachTap(w, (row, tap, pixel) => {
    for (let c = 0; c < w.channels; c++) visit(row * w.channels + c, tap, pixel * w.channels + c);
  });
}

test("avgPool divides by the elements inside the image; NaN comes through", () => {
  const cases = windows.flatMap((w) =>
    [false, true].map((poisoned): KernelCase => {
      const x = noise(inLength(w), 1);
      if (poisoned) x[x.length >> 1] = NaN;
      const counts = tapCounts(w);
      const sums = sumsOf(outLength(w));
      forEachElement(w, (out, _, input) => sums[out]!.add(x[input]! / counts[Math.floor(out / w.channels)]!));
      return {
        label: `avgPool ${labelOf(w)}`,
        inputs: [x, tableOf(w)],
        outputs: [sums.length],
        extent: w.batch * w.outHeight,
        run: (k, [y], [from, geometry], ...range) => k.avgPool(y!, from!, geometry!, ...range),
        expected: [expectedSums(sums)],
      };
    }),
  );
  checkKernels(memory, cases);
});

test("avgPoolGrad spreads each gradient over its window", () => {
  const cases = windows.map((w): KernelCase => {
    const dy = noise(outLength(w), 2);
    const counts = tapCounts(w);
    const sums = sumsOf(inLength(w));
    forEachElement(w, (out, _, input) => sums[input]!.add(dy[out]! / counts[Math.floor(out / w.channels)]!));
    return {
      label: `avgPoolGrad ${labelOf(w)}`,
      inputs: [dy, tableOf(w)],
      outputs: [sums.length],
      extent: w.batch * w.inHeight,
      run: (k, [dx], [from, geometry], ...range) => k.avgPoolGrad(dx!, from!, geometry!, ...range),
      expected: [expectedSums(sums)],
    };
  });
  checkKernels(memory, cases);
});

/** The largest element of each window and the first tap that holds it. */
function maxima(x: Float32Array, w: Window): { values: Float32Array; index: Int32Array } {
  const values = new Float32Array(outLength(w)).fill(-Infinity);
  const index = new Int32Array(outLength(w)).fill(-1);
  forEachElement(w, (out, tap, input) => {
    if (index[out]! >= 0 && !(x[input]! > values[out]!) && !Number.isNaN(x[input])) return;
    values[out] = x[input]!;
    index[out] = tap;
  });
  return { values, index };
}

const poolInputs = (w: Window): Float32Array[] => [
  // Few values, so that windows tie; then nothing but -Infinity; then a NaN.
  integers(inLength(w), 3, 3),
  new Float32Array(inLength(w)).fill(-Infinity),
  noise(inLength(w), 4).fill(NaN, inLength(w) >> 1, (inLength(w) >> 1) + 1),
];

test("maxPool finds the first of the largest; NaN comes through", () => {
  const cases = windows.flatMap((w) =>
    poolInputs(w).map((x): KernelCase => {
      const { values, index } = maxima(x, w);
      return {
        label: `maxPool ${labelOf(w)}`,
        inputs: [x, tableOf(w)],
        outputs: [values.length, values.length],
        extent: w.batch * w.outHeight,
        run: (k, [y, which], [from, geometry], ...range) => k.maxPool(y!, which!, from!, geometry!, ...range),
        // Indices are compared as the floats their bits spell: equal only if the bits are.
        expected: [{ values }, { values: new Float32Array(index.buffer) }],
      };
    }),
  );
  checkKernels(memory, cases);
});

test("maxPoolGrad sends each gradient to the first of the largest", () => {
  const cases = windows.map((w): KernelCase => {
    const { index } = maxima(integers(inLength(w), 3, 5), w);
    const dy = noise(outLength(w), 6);
    const sums = sumsOf(inLength(w));
    forEachElement(w, (out, tap, input) => {
      if (index[out] === tap) sums[input]!.add(dy[out]!);
    });
    return {
      label: `maxPoolGrad ${labelOf(w)}`,
      inputs: [dy, index, tableOf(w)],
      outputs: [sums.length],
      extent: w.batch * w.inHeight,
      run: (k, [dx], [from, which, geometry], ...range) => k.maxPoolGrad(dx!, from!, which!, geometry!, ...range),
      expected: [expectedSums(sums)],
    };
  });
  checkKernels(memory, cases);
});
