import { expect, test } from "vitest";
import type { Kernels } from "../../src/runtime/kernels.ts";
import { KernelMemory } from "../support/kernel-memory.ts";
import { checkKernels, ExactSum, expectedSums, f, type KernelCase, noise, withSpecials } from "./check-kernel.ts";

const memory = await KernelMemory.create();
const BLOCK_ROWS = 256;

/** Rows around the blocks of 256, channels around the lanes and the groups of 16. */
const shapes = [1, 2, 9, 255, 256, 257, 513].flatMap((rows) =>
  [1, 2, 3, 4, 5, 16, 18, 25].map((channels): [rows: number, channels: number] => [rows, channels]),
);

interface Moments {
  readonly x: Float32Array;
  readonly dy: Float32Array;
  readonly mean: Float32Array;
  readonly rstd: Float32Array;
}
function momentsOf(rows: number, channels: number, fill: (length: number, seed: number) => Float32Array): Moments {
  const rstd = noise(channels, 4).map((value) => value + 1.5);
  return { x: fill(rows * channels, 1), dy: noise(rows * channels, 2), mean: noise(channels, 3), rstd };
}

/** Noise with an infinity at the end and a NaN in the middle. */
const poisoned = (length: number, seed: number): Float32Array =>
  noise(length, seed).map((value, i) => (i === length >> 1 ? NaN : i === length - 1 ? -Infinity : value));

/** The kernels that sum over blocks of rows: how to call each, and the term of element i of channel c. */
const sums: Record<
  string,
  [
    (k: Kernels, to: number, at: readonly number[], ...sizes: [number, number, number, number]) => void,
    (m: Moments, i: number, c: number) => number,
  ]
> = {
  columnSums: [(k, to, [x], ...sizes) => k.columnSums(to, x!, ...sizes), ({ x }, i) => x[i]!],
  columnSquaredDeviations: [
    (k, to, [x, , mean], ...sizes) => k.columnSquaredDeviations(to, x!, mean!, ...sizes),
    ({ x, mean }, i, c) => (x[i]! - mean[c]!) ** 2,
  ],
  columnProducts: [
    (k, to, [x, dy, mean, rstd], ...sizes) => k.columnProducts(to, dy!, x!, mean!, rstd!, ...sizes),
    ({ x, dy, mean, rstd }, i, c) => dy[i]! * (x[i]! - mean[c]!) * rstd[c]!,
  ],
};

test.each(Object.entries(sums))("%s of every block", (name, [call, term]) => {
  const cases = shapes.flatMap(([rows, channels]) =>
    [noise, poisoned].map((fill): KernelCase => {
      const moments = momentsOf(rows, channels, fill);
      const blocks = Math.ceil(rows / BLOCK_ROWS);
      const partial = Array.from({ length: blocks * channels }, () => new ExactSum());
      for (let i = 0; i < rows * channels; i++) {
        const [row, c] = [Math.floor(i / channels), i % channels];
        partial[Math.floor(row / BLOCK_ROWS) * channels + c]!.add(term(moments, i, c));
      }
      return {
        label: `${name} [${rows},${channels}]`,
        inputs: [moments.x, moments.dy, moments.mean, moments.rstd],
        outputs: [partial.length],
        extent: blocks,
        run: (k, [to], at, ...range) => call(k, to!, at, rows, channels, ...range),
        expected: [expectedSums(partial, 2)],
      };
    }),
  );
  checkKernels(memory, cases);
});

test("inverseDeviation, in place too", () => {
  const cases = [1, 3, 4, 50].flatMap((extent): KernelCase[] => {
    const variance = noise(extent, 5).map((value) => (value > 0 ? value : 0));
    const epsilon = 1e-5;
    const expected = [{ values: variance.map((value) => f(1 / f(Math.sqrt(f(value + f(epsilon)))))) }];
    const label = `inverseDeviation of ${extent}`;
    return [
      {
        label,
        inputs: [variance],
        outputs: [extent],
        extent,
        expected,
        run: (k, [y], [x], ...range) => k.inverseDeviation(y!, x!, epsilon, ...range),
      },
      {
        label,
        inputs: [],
        outputs: [variance],
        extent,
        expected,
        run: (k, [y], _, ...range) => k.inverseDeviation(y!, y!, epsilon, ...range),
      },
    ];
  });
  checkKernels(memory, cases);
});

test("batchNorm, in place too", () => {
  const cases = shapes.flatMap(([rows, channels]): KernelCase[] => {
    const { x, mean, rstd } = momentsOf(rows, channels, withSpecials);
    const beta = noise(channels, 6);
    const values = x.map((value, i) => {
      const c = i % channels;
      return f(f(f(value - mean[c]!) * rstd[c]!) + beta[c]!);
    });
    const shared = { label: `batchNorm [${rows},${channels}]`, extent: rows, expected: [{ values }] };
    return [
      {
        ...shared,
        inputs: [mean, rstd, beta, x],
        outputs: [x.length],
        run: (k, [y], [m, r, b, from], ...range) => k.batchNorm(y!, from!, m!, r!, b!, channels, ...range),
      },
      {
        ...shared,
        inputs: [mean, rstd, beta],
        outputs: [x],
        run: (k, [y], [m, r, b], ...range) => k.batchNorm(y!, y!, m!, r!, b!, channels, ...range),
      },
    ];
  });
  checkKernels(memory, cases);
});

test("batchNormGrad, in place too", () => {
  const cases = shapes.flatMap(([rows, channels]): KernelCase[] => {
    const { x, dy, mean, rstd } = momentsOf(rows, channels, withSpecials);
    const [sumDy, sumDyXhat] = [noise(channels, 7), noise(channels, 8)];
    const inverse = f(1 / rows);
    const values = x.map((value, i) => {
      const c = i % channels;
      const xHat = f(f(value - mean[c]!) * rstd[c]!);
      return f(rstd[c]! * f(f(dy[i]! - f(sumDy[c]! * inverse)) - f(xHat * f(sumDyXhat[c]! * inverse))));
    });
    const shared = { label: `batchNormGrad [${rows},${channels}]`, extent: rows, expected: [{ values }] };
    return [
      {
        ...shared,
        inputs: [x, mean, rstd, sumDy, sumDyXhat, dy],
        outputs: [x.length],
        run: (k, [dx], [a, m, r, s, p, d], ...range) =>
          k.batchNormGrad(dx!, d!, a!, m!, r!, s!, p!, rows, channels, ...range),
      },
      {
        ...shared,
        inputs: [x, mean, rstd, sumDy, sumDyXhat],
        outputs: [dy],
        run: (k, [dx], [a, m, r, s, p], ...range) =>
          k.batchNormGrad(dx!, dx!, a!, m!, r!, s!, p!, rows, channels, ...range),
      },
    ];
  });
  checkKernels(memory, cases);
});

test("block sums joined by sumAxis give TensorFlow's mean and variance", () => {
  const [rows, channels, blocks] = [700, 3, 3];
  const x = noise(rows * channels, 9);
  memory.reset();
  const { kernels } = memory;
  const [from, partial, mean, variance] = [
    memory.place(x),
    memory.place(blocks * channels),
    memory.place(channels),
    memory.place(channels),
  ];
  kernels.columnSums(partial, from, rows, channels, 0, blocks);
  kernels.sumAxis(mean, partial, 1, blocks, channels, rows, 0, channels);
  kernels.columnSquaredDeviations(partial, from, mean, rows, channels, 0, blocks);
  kernels.sumAxis(variance, partial, 1, blocks, channels, rows, 0, channels);
  for (let c = 0; c < channels; c++) {
    const column = [...x].filter((_, i) => i % channels === c);
    const exactMean = column.reduce((sum, value) => sum + value / rows, 0);
    const exactVariance = column.reduce((sum, value) => sum + (value - exactMean) ** 2 / rows, 0);
    expect(Math.abs(memory.floats(mean, channels)[c]! - exactMean)).toBeLessThan(1e-6);
    expect(Math.abs(memory.floats(variance, channels)[c]! - exactVariance)).toBeLessThan(1e-6);
  }
});
