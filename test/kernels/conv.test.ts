import { expect, test } from "vitest";
import { KernelMemory } from "../support/kernel-memory.ts";
import {
  checkKernels,
  ExactSum,
  expectedSums,
  integers,
  type KernelCase,
  noise,
  withSpecials,
} from "./check-kernel.ts";
import { forEachTap, imageLength, labelOf, rowsOf, tableOf, type Window, windows } from "./windows.ts";

const memory = await KernelMemory.create();

const patchOf = (w: Window): number => w.filterHeight * w.filterWidth * w.channels;

/** im2col by its definition. */
function patches(x: ArrayLike<number>, w: Window): Float32Array {
  const columns = new Float32Array(rowsOf(w) * patchOf(w));
  forEachTap(w, (row, tap, pixel) => {
    for (let c = 0; c < w.channels; c++) {
      columns[row * patchOf(w) + tap * w.channels + c] = x[pixel * w.channels + c]!;
    }
  });
  return columns;
}

/** The sums of col2im by its definition. */
function gathered(columns: ArrayLike<number>, w: Window): ExactSum[] {
  const sums = Array.from({ length: w.batch * imageLength(w) }, () => new ExactSum());
  forEachTap(w, (row, tap, pixel) => {
    for (let c = 0; c < w.channels; c++) {
      sums[pixel * w.channels + c]!.add(columns[row * patchOf(w) + tap * w.channels + c]!);
    }
  });
  return sums;
}

test("im2col moves bits, from any first row", () => {
  const cases = windows.flatMap((w) => {
    const x = withSpecials(w.batch * imageLength(w), 1);
    const columns = patches(x, w);
    const firstRows = [...new Set([0, 1, w.outWidth, rowsOf(w) - 1])].filter((row) => row < rowsOf(w));
    return firstRows.map((firstRow): KernelCase => ({
      label: `${labelOf(w)} from row ${firstRow}`,
      inputs: [x, tableOf(w)],
      outputs: [columns.length - firstRow * patchOf(w)],
      extent: rowsOf(w) - firstRow,
      run: (k, [to], [from, geometry], ...range) => k.im2col(to!, from!, geometry!, firstRow, ...range),
      expected: [{ values: columns.subarray(firstRow * patchOf(w)) }],
    }));
  });
  checkKernels(memory, cases);
});

test("col2im sums what im2col spread, into the images it is given and no others", () => {
  const cases = windows.flatMap((w) =>
    [...new Set([0, w.batch - 1])].map((firstImage): KernelCase => {
      const columns = noise(rowsOf(w) * patchOf(w), 2);
      const old = noise(w.batch * imageLength(w), 3);
      const sums = expectedSums(gathered(columns, w));
      const kept = firstImage * imageLength(w);
      return {
        label: `${labelOf(w)} from image ${firstImage}`,
        inputs: [columns.slice((firstImage * columns.length) / w.batch), tableOf(w)],
        outputs: [old],
        extent: w.batch - firstImage,
        run: (k, [dx], [from, geometry], ...range) => k.col2im(dx!, from!, geometry!, firstImage, ...range),
        expected: [
          {
            values: Array.from(old, (value, i) => (i < kept ? value : sums.values[i]!)),
            bound: Array.from(old, (_, i) => (i < kept ? 0 : sums.bound![i]!)),
          },
        ],
      };
    }),
  );
  checkKernels(memory, cases);
});

test("col2im is im2col's adjoint: <im2col x, c> = <x, col2im c>, exactly, on integers", () => {
  expect(windows.length).toBeGreaterThan(0);
  const { kernels } = memory;
  const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  for (const w of windows) {
    memory.reset();
    const x = integers(w.batch * imageLength(w), 8, 4);
    const c = integers(rowsOf(w) * patchOf(w), 8, 5);
    const [xAt, cAt, geometry] = [memory.place(x), memory.place(c), memory.place(tableOf(w))];
    const [columns, dx] = [memory.place(c.length), memory.place(x.length)];
    kernels.im2col(columns, xAt, geometry, 0, 0, rowsOf(w));
    kernels.col2im(dx, cAt, geometry, 0, 0, w.batch);
    expect(dot(memory.floats(columns, c.length), c), labelOf(w)).toBe(dot(x, memory.floats(dx, x.length)));
  }
});

test("flipFilter turns the taps around and transposes the channels", () => {
  const shapes = [
    [1, 1, 1, 1],
    [5, 5, 3, 7],
    [2, 3, 8, 4],
    [3, 2, 1, 5],
  ] as const;
  const cases = shapes.map(([height, width, ins, outs]): KernelCase => {
    const filter = withSpecials(height * width * ins * outs, 6);
    const values = Array.from(filter, (_, i) => {
      const [ci, co, tap] = [i % ins, Math.floor(i / ins) % outs, Math.floor(i / (ins * outs))];
      return filter[((height * width - 1 - tap) * ins + ci) * outs + co]!;
    });
    return {
      label: `flipFilter [${height},${width},${ins},${outs}]`,
      inputs: [filter],
      outputs: [filter.length],
      extent: height * width,
      run: (k, [y], [from], ...range) => k.flipFilter(y!, from!, height, width, ins, outs, ...range),
      expected: [{ values }],
    };
  });
  checkKernels(memory, cases);
});

test("mapFilter applies a matrix to each axis", () => {
  const shapes = [
    [2, 2, 3, 3, 7],
    [1, 3, 2, 1, 4],
    [3, 2, 1, 4, 17],
    [2, 2, 3, 3, 1],
  ] as const;
  const cases = shapes.map(([outHeight, outWidth, inHeight, inWidth, channels]): KernelCase => {
    const w = noise(inHeight * inWidth * channels, 7);
    const rowMap = noise(outHeight * inHeight, 8);
    const colMap = noise(outWidth * inWidth, 9);
    const sums = Array.from({ length: outHeight * outWidth * channels }, (_, element) => {
      const [c, q, p] = [
        element % channels,
        Math.floor(element / channels) % outWidth,
        Math.floor(element / channels / outWidth),
      ];
      const sum = new ExactSum();
      for (let i = 0; i < inHeight; i++) {
        for (let j = 0; j < inWidth; j++) {
          sum.add(rowMap[p * inHeight + i]! * colMap[q * inWidth + j]! * w[(i * inWidth + j) * channels + c]!);
        }
      }
      return sum;
    });
    return {
      label: `mapFilter ${[outHeight, outWidth, inHeight, inWidth, channels].join(" ")}`,
      inputs: [w, rowMap, colMap],
      outputs: [sums.length],
      extent: channels,
      run: (k, [y], [from, rows, columns], ...range) =>
        k.mapFilter(y!, from!, rows!, columns!, outHeight, outWidth, inHeight, inWidth, channels, ...range),
      expected: [expectedSums(sums)],
    };
  });
  checkKernels(memory, cases);
});
