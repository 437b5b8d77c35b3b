import { expect, test } from "vitest";
import type { Kernels } from "../../src/engine/runtime/kernels.ts";
import { KernelMemory } from "../support/kernel-memory.ts";
import { checkKernels, f, type KernelCase, LANE_SIZES, noise, ulp, withSpecials } from "./check-kernel.ts";

const memory = await KernelMemory.create();
type Range = [begin: number, end: number];

/** Every function of one array: how to call it, its float64 value, the units in the last place it may be wrong by. */
const unary: Record<
  string,
  [(k: Kernels, y: number, x: number, ...range: Range) => void, (x: number) => number, number?]
> = {
  copy: [(k, ...args) => k.copy(...args), (x) => x],
  neg: [(k, ...args) => k.neg(...args), (x) => -x],
  sqrt: [(k, ...args) => k.sqrt(...args), (x) => f(Math.sqrt(x))],
  square: [(k, ...args) => k.square(...args), (x) => f(x * x)],
  abs: [(k, ...args) => k.abs(...args), Math.abs],
  relu: [(k, ...args) => k.relu(...args), (x) => Math.max(x, 0)],
  leakyRelu: [(k, y, x, ...range) => k.leakyRelu(y, x, 0.2, ...range), (x) => (x > 0 ? x : f(f(0.2) * x))],
  scale: [(k, y, x, ...range) => k.scale(y, x, -3.7, ...range), (x) => f(f(-3.7) * x)],
  exp: [(k, ...args) => k.exp(...args), Math.exp, 1],
  log: [(k, ...args) => k.log(...args), Math.log, 1],
  tanh: [(k, ...args) => k.tanh(...args), Math.tanh, 2],
  sigmoid: [(k, ...args) => k.sigmoid(...args), (x) => 1 / (1 + Math.exp(-x)), 3],
  softplus: [(k, ...args) => k.softplus(...args), (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), 2],
};

test.each(Object.entries(unary))("%s, every tail, in place too", (name, [call, reference, ulps]) => {
  const cases = LANE_SIZES.flatMap((extent): KernelCase[] => {
    const x = withSpecials(extent, extent);
    // What float32 cannot hold is infinite.
    const values = Array.from(x, (value) =>
      Math.abs(reference(value)) > 3.5e38 ? f(reference(value)) : reference(value),
    );
    const bound = values.map((value) => (ulps === undefined || !Number.isFinite(value) ? 0 : ulps * ulp(value)));
    const expected = [{ values, bound }];
    const label = `${name} of ${extent}`;
    return [
      {
        label,
        inputs: [x],
        outputs: [extent],
        extent,
        expected,
        run: (k, [y], [from], ...range) => call(k, y!, from!, ...range),
      },
      { label, inputs: [], outputs: [x], extent, expected, run: (k, [y], _, ...range) => call(k, y!, y!, ...range) },
    ];
  });
  checkKernels(memory, cases);
});

/** Every function of a gradient and a saved array. */
const gradients: Record<
  string,
  [(k: Kernels, dx: number, dy: number, saved: number, ...range: Range) => void, (dy: number, saved: number) => number]
> = {
  reluGrad: [(k, ...args) => k.reluGrad(...args), (dy, y) => (y > 0 ? dy : 0)],
  leakyReluGrad: [
    (k, dx, dy, x, ...range) => k.leakyReluGrad(dx, dy, x, 0.2, ...range),
    (dy, x) => (x > 0 ? dy : f(f(0.2) * dy)),
  ],
  sigmoidGrad: [(k, ...args) => k.sigmoidGrad(...args), (dy, y) => f(f(dy * y) * f(1 - y))],
  tanhGrad: [(k, ...args) => k.tanhGrad(...args), (dy, y) => f(dy * f(1 - f(y * y)))],
  absGrad: [(k, ...args) => k.absGrad(...args), (dy, x) => dy * (Number(x > 0) - Number(x < 0))],
};

test.each(Object.entries(gradients))("%s, every tail, in place too", (name, [call, reference]) => {
  const cases = LANE_SIZES.flatMap((extent): KernelCase[] => {
    const dy = withSpecials(extent, extent + 1);
    const saved = withSpecials(extent, extent + 2);
    const expected = [{ values: dy.map((value, i) => reference(value, saved[i]!)) }];
    const label = `${name} of ${extent}`;
    return [
      {
        label,
        inputs: [dy, saved],
        outputs: [extent],
        extent,
        expected,
        run: (k, [dx], [a, b], ...range) => call(k, dx!, a!, b!, ...range),
      },
      {
        label,
        inputs: [saved],
        outputs: [dy],
        extent,
        expected,
        run: (k, [dx], [b], ...range) => call(k, dx!, dx!, b!, ...range),
      },
    ];
  });
  checkKernels(memory, cases);
});

test("fill writes its range only", () => {
  const cases = LANE_SIZES.map((extent): KernelCase => ({
    label: `fill of ${extent}`,
    inputs: [],
    outputs: [extent],
    extent,
    run: (k, [y], _, ...range) => k.fill(y!, 2.5, ...range),
    expected: [{ values: new Float32Array(extent).fill(2.5) }],
  }));
  checkKernels(memory, cases);
});

test("addBias, with and without relu, any number of channels, in place too", () => {
  const cases = LANE_SIZES.flatMap((channels) =>
    [1, 2, 9].flatMap((rows) =>
      [0, 1].flatMap((relu): KernelCase[] => {
        const x = withSpecials(rows * channels, channels);
        const bias = noise(channels, rows);
        const sums = x.map((value, i) => f(value + bias[i % channels]!));
        const label = `addBias [${rows},${channels}] relu ${relu}`;
        const expected = [{ values: relu ? sums.map((sum) => Math.max(sum, 0)) : sums }];
        return [
          {
            label,
            inputs: [x, bias],
            outputs: [x.length],
            extent: rows,
            expected,
            run: (k, [y], [a, b], ...range) => k.addBias(y!, a!, b!, channels, relu, ...range),
          },
          {
            label,
            inputs: [bias],
            outputs: [x],
            extent: rows,
            expected,
            run: (k, [y], [b], ...range) => k.addBias(y!, y!, b!, channels, relu, ...range),
          },
        ];
      }),
    ),
  );
  checkKernels(memory, cases);
});

test("no cases, a wrong value, an overwritten guard, a result that depends on the split: all fail", () => {
  const wrong = (run: KernelCase["run"], want = 1): KernelCase => ({
    label: "wrong",
    inputs: [],
    outputs: [8],
    extent: 8,
    run,
    expected: [{ values: new Float32Array(8).fill(want) }],
  });
  expect(() => checkKernels(memory, [])).toThrow("compared nothing");
  expect(() => checkKernels(memory, [wrong((k, [y], _, ...range) => k.fill(y!, 1, ...range), 2)])).toThrow("want 2");
  expect(() => checkKernels(memory, [wrong((k, [y]) => k.fill(y!, 1, 0, 9))])).toThrow("past a buffer");
  expect(() => checkKernels(memory, [wrong((k, [y]) => k.fill(y!, 1, -1, 8))])).toThrow("before a buffer");
  expect(() => checkKernels(memory, [wrong((k, [y], _, begin) => k.fill(y!, 1 + begin, 0, 8))])).toThrow("split at 1");
});
