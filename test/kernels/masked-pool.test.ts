import { expect, test } from "vitest";
import { BLOCK_ROWS } from "../../src/engine/lowering/columns.ts";
import { KernelMemory } from "../support/kernel-memory.ts";
import { checkKernels, ExactSum, expectedSums, type KernelCase, noise } from "./check-kernel.ts";
import { forEachElement, maskedGradient, maskOf } from "./masked-pools.ts";
import { squaresOfBlocks } from "./own-terms.ts";
import { imageLength, labelOf, rowsOf, tableOf, type Window, windowOf } from "./windows.ts";

const memory = await KernelMemory.create();

/** Windows that cover every pixel once: whole ones, cropped at the bottom and right, or on all sides, or just one. */
const windows: readonly Window[] = [1, 3, 4, 15, 16, 20, 31, 32, 33, 49, 64].flatMap((channels) => [
  windowOf([3, 4, 6, channels], [2, 2], [2, 2], "valid"),
  windowOf([3, 5, 5, channels], [2, 2], [2, 2], "same"),
  windowOf([2, 7, 5, channels], [5, 3], [5, 3], "same"),
  windowOf([1, 1, 1, channels], [2, 2], [2, 2], "same"),
]);

/**
 * Images of several blocks of 256 pixels, whose ends lie anywhere in a line and in a window, and blocks of several
 * images.
 */
const longWindows: readonly Window[] = [1, 2, 5, 16, 23, 48].flatMap((channels) => [
  windowOf([2, 28, 28, channels], [2, 2], [2, 2], "same"),
  windowOf([3, 17, 19, channels], [3, 5], [3, 5], "same"),
  windowOf([11, 6, 9, channels], [6, 4], [6, 4], "same"),
  windowOf([2, 2, 300, channels], [1, 7], [1, 7], "same"),
]);

/** The whole batch, and a chunk of it that begins later. */
const chunks: readonly { readonly w: Window; readonly firstImage: number }[] = windows.flatMap((w) =>
  [0, w.batch - 1].filter((first, i) => i === 0 || first > 0).map((firstImage) => ({ w, firstImage })),
);

const words = (w: Window): number => Math.ceil(w.channels / 32);
const pixels = (w: Window): number => w.inHeight * w.inWidth;
const blocksOf = (w: Window): number => Math.ceil((w.batch * pixels(w)) / BLOCK_ROWS);
const sumsOf = (length: number): ExactSum[] => Array.from({ length }, () => new ExactSum());
const label = (name: string, w: Window, firstImage: number): string => `${name} ${labelOf(w)} from image ${firstImage}`;

/** What relu leaves: about half of it 0. */
const rectified = (length: number, seed: number): Float32Array =>
  noise(length, seed).map((value) => Math.max(value, 0));

/** What a kernel must leave as it is: no NaN, so that one bit more or less shows. */
const KEPT = 7;

/** `values` in a tensor whose images before the chunk hold KEPT. */
function after(kept: number, values: ArrayLike<number>): Float64Array {
  const whole = new Float64Array(kept + values.length).fill(KEPT);
  whole.set(Array.from(values), kept);
  return whole;
}

/** A chunk's images as relu left them, and that chunk as a batch of its own. */
function chunkOf({ w, firstImage }: (typeof chunks)[number]): { chunk: Window; x: Float32Array } {
  const chunk = { ...w, batch: w.batch - firstImage };
  const x = rectified(chunk.batch * imageLength(w), 1);
  return { chunk, x };
}

test("maskedAvgPool divides by the elements inside the image, NaN comes through; images before the chunk stay", () => {
  const cases = chunks.flatMap(({ w, firstImage }) =>
    [false, true].map((poisoned): KernelCase => {
      const { chunk, x } = chunkOf({ w, firstImage });
      if (poisoned) x[x.length >> 1] = NaN;
      const outputs = rowsOf(chunk) * w.channels;
      const before = firstImage * w.outHeight * w.outWidth * w.channels;
      const sums = sumsOf(outputs);
      forEachElement(chunk, (out, input, count) => sums[out]!.add(x[input]! / count));
      const { values, bound } = expectedSums(sums);
      return {
        label: label("maskedAvgPool", w, firstImage),
        inputs: [x, tableOf(w)],
        outputs: [new Float32Array(before + outputs).fill(KEPT), new Int32Array(w.batch * pixels(w) * words(w))],
        extent: chunk.batch * w.outHeight,
        run: (k, [y, mask], [from, geometry], begin, end) =>
          k.maskedAvgPool(y!, mask!, from!, geometry!, firstImage, begin, end),
        expected: [{ values: after(before, values), bound: [...new Float64Array(before), ...Array.from(bound!)] }],
      };
    }),
  );
  checkKernels(memory, cases);
});

test("maskedAvgPool's mask has a bit for each element above 0, none for NaN, none past the last channel", () => {
  for (const { w, firstImage } of chunks) {
    const { chunk, x } = chunkOf({ w, firstImage });
    x[x.length >> 1] = NaN;
    const kept = new Int32Array(firstImage * pixels(w) * words(w)).fill(KEPT);
    const mask = Int32Array.from([...kept, ...maskOf(x, w)]);
    memory.reset();
    const [y, to] = [memory.place(rowsOf(w) * w.channels), memory.place(new Int32Array(mask.length).fill(KEPT))];
    const [from, geometry] = [memory.place(x), memory.place(tableOf(w))];
    memory.kernels.maskedAvgPool(y, to, from, geometry, firstImage, 0, chunk.batch * w.outHeight);
    expect(memory.bits(to, mask.length), label("mask", w, firstImage)).toEqual(new Uint32Array(mask.buffer));
  }
});

test("maskedAvgPoolGrad gives each element that relu let through its part of the gradient, others 0", () => {
  const cases = chunks.map(({ w, firstImage }): KernelCase => {
    const x = noise(w.batch * imageLength(w), 3);
    const dy = noise(rowsOf(w) * w.channels, 4);
    dy[dy.length - 1] = NaN;
    const dx = maskedGradient(w, x, dy);
    return {
      label: label("maskedAvgPoolGrad", w, firstImage),
      inputs: [dy, maskOf(x, w), tableOf(w)],
      outputs: [(w.batch - firstImage) * imageLength(w)],
      extent: (w.batch - firstImage) * w.inHeight,
      run: (k, [to], [from, bits, geometry], begin, end) =>
        k.maskedAvgPoolGrad(to!, from!, bits!, geometry!, firstImage, begin, end),
      expected: [{ values: dx.subarray(firstImage * imageLength(w)) }],
    };
  });
  checkKernels(memory, cases);
});

test("maskedAvgPoolGradSums sums that over each block's pixels", () => {
  const cases = [...windows, ...longWindows].map((w): KernelCase => {
    const x = noise(w.batch * imageLength(w), 5);
    const dy = noise(rowsOf(w) * w.channels, 6);
    const blocks = blocksOf(w);
    const sums = sumsOf(blocks * w.channels);
    forEachElement(w, (out, input, count) => {
      const block = Math.floor(input / w.channels / BLOCK_ROWS);
      if (x[input]! > 0) sums[block * w.channels + (input % w.channels)]!.add(dy[out]! / count);
    });
    return {
      label: `maskedAvgPoolGradSums ${labelOf(w)}`,
      inputs: [dy, maskOf(x, w), tableOf(w)],
      outputs: [sums.length],
      extent: blocks,
      run: (k, [partial], [from, bits, geometry], begin, end) =>
        k.maskedAvgPoolGradSums(partial!, from!, bits!, geometry!, 0, begin, end),
      expected: [expectedSums(sums)],
    };
  });
  checkKernels(memory, cases);
});

test("maskedAvgPoolGradSums sums the squares of that instead if asked, bit by bit", () => {
  const cases = [...windows, ...longWindows].map((w): KernelCase => {
    const x = noise(w.batch * imageLength(w), 9);
    // Squares that are 0 in float32, too.
    const dy = noise(rowsOf(w) * w.channels, 10).map((value, i) => (i % 5 === 0 ? value * 1e-30 : value));
    return {
      label: `maskedAvgPoolGradSums ${labelOf(w)}, of squares`,
      inputs: [dy, maskOf(x, w), tableOf(w)],
      outputs: [blocksOf(w) * w.channels],
      extent: blocksOf(w),
      run: (k, [partial], [from, bits, geometry], begin, end) =>
        k.maskedAvgPoolGradSums(partial!, from!, bits!, geometry!, 1, begin, end),
      expected: [{ values: squaresOfBlocks(maskedGradient(w, x, dy), w.channels) }],
    };
  });
  checkKernels(memory, cases);
});

test("maskedAvgPoolGradSums has the bits of columnSums over maskedAvgPoolGrad's dx, and of channelSquares", () => {
  const { kernels } = memory;
  for (const w of [...windows, ...longWindows]) {
    memory.reset();
    const [rows, blocks] = [w.batch * pixels(w), blocksOf(w)];
    const [dy, mask] = [
      memory.place(noise(rowsOf(w) * w.channels, 7)),
      memory.place(maskOf(noise(rows * w.channels, 8), w)),
    ];
    const [geometry, dx] = [memory.place(tableOf(w)), memory.place(rows * w.channels)];
    const [fused, apart] = [memory.place(blocks * w.channels), memory.place(blocks * w.channels)];
    const bits = (): Uint32Array[] => [fused, apart].map((address) => memory.bits(address, blocks * w.channels));
    kernels.maskedAvgPoolGrad(dx, dy, mask, geometry, 0, 0, w.batch * w.inHeight);
    // Of one channel columnSums goes by other chains.
    if (w.channels > 1) {
      kernels.maskedAvgPoolGradSums(fused, dy, mask, geometry, 0, 0, blocks);
      kernels.columnSums(apart, dx, rows, w.channels, 0, blocks);
      expect(bits()[0], labelOf(w)).toEqual(bits()[1]);
    }
    kernels.maskedAvgPoolGradSums(fused, dy, mask, geometry, 1, 0, blocks);
    kernels.channelSquares(apart, dx, rows, w.channels, 0, blocks);
    expect(bits()[0], `${labelOf(w)}, of squares`).toEqual(bits()[1]);
  }
});
