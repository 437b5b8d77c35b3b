import { expect, test } from "vitest";
import { BLOCK_ROWS } from "../../src/engine/lowering/columns.ts";
import { KernelMemory } from "../support/kernel-memory.ts";
import {
  checkKernels,
  type Expected,
  ExactSum,
  expectedSums,
  f,
  type KernelCase,
  noise,
  withSpecials,
} from "./check-kernel.ts";

const memory = await KernelMemory.create();

/** Rows around the blocks of 256 and the groups of 16 and 4, channels around the lanes. */
const shapes = [1, 2, 9, 23, 256, 257, 513].flatMap((rows) =>
  [1, 2, 3, 4, 5, 16, 25, 50].map((channels): [rows: number, channels: number] => [rows, channels]),
);

interface Moments {
  readonly x: Float32Array;
  readonly dy: Float32Array;
  readonly mean: Float32Array;
  readonly rstd: Float32Array;
}
function momentsOf(rows: number, channels: number, fill: (length: number, seed: number) => Float32Array): Moments {
  const rstd = noise(channels, 4).map((value) => value + 1.5);
  const [x, mean] = [fill(rows * channels, 1), noise(channels, 3)];
  // With betaOf's beta, y[0] is exactly 0.
  x[0] = mean[0]!;
  return { x, dy: noise(rows * channels, 2), mean, rstd };
}

function betaOf(channels: number): Float32Array {
  return noise(channels, 6).map((value, c) => (c === 0 ? 0 : value));
}

/** Noise with an infinity at the end and a NaN in the middle. */
const poisoned = (length: number, seed: number): Float32Array =>
  noise(length, seed).map((value, i) => (i === length >> 1 ? NaN : i === length - 1 ? -Infinity : value));

/** Each case with noise, and with numbers among it that are none. */
const fills = [noise, poisoned];

test("columnSums of every block", () => {
  const cases = shapes.flatMap(([rows, channels]) =>
    fills.map((fill): KernelCase => {
      const { x } = momentsOf(rows, channels, fill);
      const blocks = Math.ceil(rows / BLOCK_ROWS);
      const partial = Array.from({ length: blocks * channels }, () => new ExactSum());
      x.forEach((value, i) => partial[blockOf(i, channels) * channels + (i % channels)]!.add(value));
      return {
        label: `columnSums [${rows},${channels}]`,
        inputs: [x],
        outputs: [partial.length],
        extent: blocks,
        run: (k, [to], [from], ...range) => k.columnSums(to!, from!, rows, channels, ...range),
        expected: [expectedSums(partial, 2)],
      };
    }),
  );
  checkKernels(memory, cases);
});

test("columnMoments of every block", () => {
  const cases = shapes.flatMap(([rows, channels]) =>
    fills.map((fill): KernelCase => {
      const { x } = momentsOf(rows, channels, fill);
      const blocks = Math.ceil(rows / BLOCK_ROWS);
      return {
        label: `columnMoments [${rows},${channels}]`,
        inputs: [x],
        outputs: [3 * blocks * channels],
        extent: blocks,
        run: (k, [to], [from], ...range) => k.columnMoments(to!, from!, rows, channels, ...range),
        expected: [momentsOfBlocks(x, blocks, channels)],
      };
    }),
  );
  checkKernels(memory, cases);
});

/**
 * [blocks, 3, channels]: each block's mean, off by the roundings of a sum of distances from its first row and by its
 * own, and the sums of distances from it and of their squares. No mean is told from a first row that is infinite.
 */
function momentsOfBlocks(x: Float32Array, blocks: number, channels: number): Expected {
  const [values, bound] = [new Float64Array(3 * blocks * channels), new Float64Array(3 * blocks * channels)];
  for (let block = 0; block < blocks; block++) {
    for (let c = 0; c < channels; c++) {
      const column = [...x].filter((_, i) => blockOf(i, channels) === block && i % channels === c);
      const [count, at] = [column.length, 3 * block * channels + c];
      const distances = column.map((value) => value - column[0]!);
      const mean = column[0]! + total(distances) / count;
      const spread = total(column.map((value) => Math.abs(value - mean)));
      const deviations = total(column.map((value) => (value - mean) ** 2));
      const meanBound = 2 ** -24 * (((count + 3) * total(distances.map(Math.abs))) / count + Math.abs(mean));
      values.set([mean], at);
      bound.set([meanBound], at);
      // About a mean that is off by δ the sum is off by n δ, and that of squares is larger by n δ².
      values.set([Number.isNaN(spread) ? NaN : 0], at + channels);
      bound.set([count * meanBound + (count + 2) * 2 ** -24 * (spread + count * meanBound)], at + channels);
      values.set([deviations], at + 2 * channels);
      bound.set([(count + 4) * 2 ** -23 * deviations + count * meanBound ** 2], at + 2 * channels);
    }
  }
  return { values, bound };
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function blockOf(i: number, channels: number): number {
  return Math.floor(Math.floor(i / channels) / BLOCK_ROWS);
}

test("combineMoments of all blocks", () => {
  const epsilon = f(1e-5);
  const cases = shapes.flatMap(([rows, channels]) =>
    fills.map((fill): KernelCase => {
      const blocks = Math.ceil(rows / BLOCK_ROWS);
      const rowsOf = (block: number): number => Math.min(rows - block * BLOCK_ROWS, BLOCK_ROWS);
      // Means, distances from them that are left, and squares, of which there are enough for both.
      const partial = fill(3 * blocks * channels, 3).map((value, i) => {
        const kind = Math.floor((i % (3 * channels)) / channels);
        return kind === 0 ? value : kind === 1 ? value / 8 : BLOCK_ROWS * (value + 1.1);
      });
      const [mean, rstd] = [new Float64Array(channels), new Float64Array(channels)];
      const [meanBound, rstdBound] = [new Float64Array(channels), new Float64Array(channels)];
      for (let c = 0; c < channels; c++) {
        const list = Array.from({ length: blocks }, (_, block) => {
          const [m, sum, square] = [0, 1, 2].map((kind) => partial[(3 * block + kind) * channels + c]!) as Triple;
          return { n: rowsOf(block), m, sum, square };
        });
        const first = list[0]!.m;
        mean[c] = first + total(list.map(({ n, m, sum }) => n * (m - first) + sum)) / rows;
        const squares = list.map(({ n, m, sum, square }) => {
          const a = m - mean[c]!;
          return [square, 2 * a * sum, n * a * a];
        });
        const variance = total(squares.flat()) / rows;
        rstd[c] = 1 / Math.sqrt(variance + epsilon);
        const sizes = list.map(({ n, m, sum }) => n * Math.abs(m - mean[c]!) + Math.abs(sum));
        const apart = list.map(({ n, m, sum }) => n * Math.abs(m - first) + Math.abs(sum));
        const originBound = 2 ** -24 * (((blocks + 4) * total(apart)) / rows + Math.abs(mean[c]!));
        meanBound[c] =
          2 ** -24 * (((blocks + 4) * total(sizes)) / rows + (blocks + 4) * originBound + Math.abs(mean[c]!));
        // The roundings of a variance about an origin that is off by δ, which adds δ² at first; half of it is rstd's.
        const size = total(squares.flat().map(Math.abs)) / rows + 3 * originBound ** 2;
        rstdBound[c] = rstd[c]! * 2 ** -24 * (3 + ((blocks + 8) * size) / (2 * (variance + epsilon)));
      }
      return {
        label: `combineMoments [${rows},${channels}]`,
        inputs: [partial],
        outputs: [channels, channels],
        extent: channels,
        run: (k, [m, r], [p], ...range) => k.combineMoments(m!, r!, p!, rows, channels, epsilon, ...range),
        expected: [
          { values: mean, bound: meanBound },
          { values: rstd, bound: rstdBound },
        ],
      };
    }),
  );
  checkKernels(memory, cases);
});

type Triple = [mean: number, sum: number, square: number];

const activations = [
  ["alone", 0],
  ["with relu", 1],
] as const;

/** y as float32 computes it. */
function normed({ x, mean, rstd }: Moments, beta: Float32Array): Float32Array {
  return x.map((value, i) => {
    const c = i % mean.length;
    return f(f(f(value - mean[c]!) * rstd[c]!) + beta[c]!);
  });
}

/** What of dy passes the activation. */
function passed(moments: Moments, beta: Float32Array, relu: number): Float32Array {
  const y = normed(moments, beta);
  return moments.dy.map((d, i) => (relu === 0 || y[i]! > 0 ? d : 0));
}

test.each(activations)("batchNorm %s, in place too", (_, relu) => {
  const cases = shapes.flatMap(([rows, channels]): KernelCase[] => {
    const moments = momentsOf(rows, channels, withSpecials);
    const { x, mean, rstd } = moments;
    const beta = betaOf(channels);
    const values = normed(moments, beta).map((value) => (relu === 1 ? Math.max(value, 0) : value));
    const shared = { label: `batchNorm [${rows},${channels}]`, extent: rows, expected: [{ values }] };
    return [
      {
        ...shared,
        inputs: [mean, rstd, beta, x],
        outputs: [x.length],
        run: (k, [y], [m, r, b, from], ...range) => k.batchNorm(y!, from!, m!, r!, b!, channels, relu, ...range),
      },
      {
        ...shared,
        inputs: [mean, rstd, beta],
        outputs: [x],
        run: (k, [y], [m, r, b], ...range) => k.batchNorm(y!, y!, m!, r!, b!, channels, relu, ...range),
      },
    ];
  });
  checkKernels(memory, cases);
});

test.each(activations)("batchNormGradSums of every block, %s", (_, relu) => {
  const cases = shapes.flatMap(([rows, channels]) =>
    fills.map((fill): KernelCase => {
      const moments = momentsOf(rows, channels, fill);
      const { x, dy, mean, rstd } = moments;
      const beta = betaOf(channels);
      const blocks = Math.ceil(rows / BLOCK_ROWS);
      const partial = Array.from({ length: 2 * blocks * channels }, () => new ExactSum());
      passed(moments, beta, relu).forEach((g, i) => {
        const c = i % channels;
        const sum = 2 * blockOf(i, channels) * channels + c;
        partial[sum]!.add(g);
        partial[sum + channels]!.add(g * ((x[i]! - mean[c]!) * rstd[c]!));
      });
      return {
        label: `batchNormGradSums [${rows},${channels}]`,
        inputs: [x, dy, mean, rstd, beta],
        outputs: [partial.length],
        extent: blocks,
        run: (k, [to], [a, d, m, r, b], ...range) =>
          k.batchNormGradSums(to!, d!, a!, m!, r!, b!, rows, channels, relu, ...range),
        expected: [expectedSums(partial, 2)],
      };
    }),
  );
  checkKernels(memory, cases);
});

test("a channel of one huge number: what lies past the last row takes no part", () => {
  const [rows, huge] = [9, 1e37];
  memory.reset();
  const [x, dy] = [memory.place(new Float32Array(rows).fill(huge)), memory.place(new Float32Array(rows).fill(1))];
  const [mean, rstd, partial] = [
    memory.place(Float32Array.of(huge)),
    memory.place(Float32Array.of(316)),
    memory.place(2),
  ];
  memory.kernels.batchNormGradSums(partial, dy, x, mean, rstd, mean, rows, 1, 0, 0, 1);
  expect([...memory.floats(partial, 2)]).toEqual([rows, 0]);
});

test.each(activations)("batchNormGrad %s, in place too", (_, relu) => {
  const cases = shapes.flatMap(([rows, channels]): KernelCase[] => {
    const moments = momentsOf(rows, channels, withSpecials);
    const { x, dy, mean, rstd } = moments;
    const [beta, sums] = [betaOf(channels), noise(2 * channels, 7)];
    const inverse = f(1 / rows);
    const values = passed(moments, beta, relu).map((g, i) => {
      const c = i % channels;
      const xHat = f(f(x[i]! - mean[c]!) * rstd[c]!);
      return f(rstd[c]! * f(f(g - f(sums[c]! * inverse)) - f(xHat * f(sums[channels + c]! * inverse))));
    });
    const shared = { label: `batchNormGrad [${rows},${channels}]`, extent: rows, expected: [{ values }] };
    return [
      {
        ...shared,
        inputs: [x, mean, rstd, beta, sums, dy],
        outputs: [x.length],
        run: (k, [dx], [a, m, r, b, s, d], ...range) =>
          k.batchNormGrad(dx!, d!, a!, m!, r!, b!, s!, rows, channels, relu, ...range),
      },
      {
        ...shared,
        inputs: [x, mean, rstd, beta, sums],
        outputs: [dy],
        run: (k, [dx], [a, m, r, b, s], ...range) =>
          k.batchNormGrad(dx!, dx!, a!, m!, r!, b!, s!, rows, channels, relu, ...range),
      },
    ];
  });
  checkKernels(memory, cases);
});

/** Mean and rstd of each channel of x, as columnMoments and combineMoments make them. */
function statisticsOf(x: Float32Array, channels: number, epsilon: number): Record<"mean" | "rstd", Float32Array> {
  const rows = x.length / channels;
  const blocks = Math.ceil(rows / BLOCK_ROWS);
  memory.reset();
  const { kernels } = memory;
  const [from, partial] = [memory.place(x), memory.place(3 * blocks * channels)];
  const [mean, rstd] = [memory.place(channels), memory.place(channels)];
  kernels.columnMoments(partial, from, rows, channels, 0, blocks);
  kernels.combineMoments(mean, rstd, partial, rows, channels, epsilon, 0, channels);
  return { mean: memory.floats(mean, channels), rstd: memory.floats(rstd, channels) };
}

test.each([0, 300, 1e4, -1e6])("mean and variance of numbers around %i", (offset) => {
  const [rows, channels, epsilon] = [700, 3, f(1e-5)];
  const x = noise(rows * channels, 9).map((value) => value + offset);
  const { mean, rstd } = statisticsOf(x, channels, epsilon);
  for (let c = 0; c < channels; c++) {
    const column = [...x].filter((_, i) => i % channels === c);
    const exactMean = offset + column.reduce((sum, value) => sum + (value - offset) / rows, 0);
    const exactVariance = column.reduce((sum, value) => sum + (value - exactMean) ** 2 / rows, 0);
    const variance = 1 / rstd[c]! ** 2 - epsilon;
    // The mean is rounded to a float32, and beside that relative to how far the numbers lie apart.
    expect(Math.abs(mean[c]! - exactMean)).toBeLessThan(1e-7 + 2 ** -24 * Math.abs(offset));
    // E[x²] - E[x]² would be off by offset² · 2^-24: 5e-3 at 300.
    expect(Math.abs(variance - exactVariance)).toBeLessThan(1e-6);
  }
});

/** Numbers whose sums round, on the way up and down to the ends of float32. */
const constants = [100.1, 20000.3, 0.1, -0.7, -31337.7, 1e-30, 3e30, -3.4e38, 1e-45, 0, -0].map(f);

test.each([1, 2, 3, 255, 256, 257, 1001, 39_200, 156_800])(
  "a channel that is constant over %i rows becomes beta",
  (rows) => {
    const epsilon = f(1e-5);
    const counts = rows < 39_200 ? [1, 3, 4, 11] : [1];
    for (const channels of counts) {
      for (let first = 0; first < constants.length; first += channels) {
        const values = Float32Array.from({ length: channels }, (_, c) => constants[(first + c) % constants.length]!);
        const x = Float32Array.from({ length: rows * channels }, (_, i) => values[i % channels]!);
        const { mean, rstd } = statisticsOf(x, channels, epsilon);
        expect([...mean].map((m) => m + 0)).toEqual([...values].map((value) => value + 0));
        expect([...rstd]).toEqual(Array<number>(channels).fill(f(1 / f(Math.sqrt(epsilon)))));
        for (const [, relu] of activations) {
          const beta = betaOf(channels);
          const [at, m, r, b] = [memory.place(x), memory.place(mean), memory.place(rstd), memory.place(beta)];
          memory.kernels.batchNorm(at, at, m, r, b, channels, relu, 0, rows);
          const wanted = beta.map((value) => (relu === 1 ? Math.max(value, 0) : value));
          const y = memory.floats(at, x.length);
          expect(y.findIndex((value, i) => value !== wanted[i % channels])).toBe(-1);
        }
      }
    }
  },
);
