// gelu and its gradient against float64, over all of float32, at their limits, for every tail and in place.
import { expect, test } from "vitest";
import { KernelMemory } from "../support/kernel-memory.ts";
import { referenceOf } from "../support/reference/index.ts";
import { valueOf } from "../support/reference/value.ts";
import { checkKernels, compare, LANE_SIZES, noise, ulp, type Expected, type KernelCase } from "./check-kernel.ts";

const memory = await KernelMemory.create();
/** Every 2999th of the 2^32 bit patterns: each exponent, both signs, subnormals, infinities and NaNs. */
const STRIDE = 2999;
const CHUNK = 1 << 16;

/** What an operation's reference says, with its bound. */
function expected(operation: "gelu" | "geluGrad", ...inputs: readonly Float32Array[]): Expected {
  const { values, bounds } = referenceOf(operation);
  const given = inputs.map((data) => valueOf([data.length], data));
  const results = values(given, {}, [inputs[0]!.length]);
  return { values: results[0]!.data, bound: bounds!(given, {}, results)[0]! };
}

/** The chunks of the sweep; infinities and NaNs have a test of their own. */
function* sweep(): Generator<Float32Array> {
  for (let first = 0; first < 2 ** 32; first += CHUNK * STRIDE) {
    const bits = Int32Array.from({ length: CHUNK }, (_, i) => first + i * STRIDE);
    yield new Float32Array(bits.buffer).map((x) => (Number.isFinite(x) ? x : 1));
  }
}

test("gelu over all of float32: within its bound, and at most 8 ulp", () => {
  memory.reset();
  const [x, y] = [memory.place(CHUNK), memory.place(CHUNK)];
  let [worst, count] = [0, 0];
  for (const inputs of sweep()) {
    memory.write(x, inputs);
    memory.kernels.gelu(y, x, 0, CHUNK);
    const want = expected("gelu", inputs);
    count += compare("gelu", memory.floats(y, CHUNK), want);
    memory.floats(y, CHUNK).forEach((got, i) => {
      const exact = want.values[i]!;
      worst = Math.max(worst, Math.abs(got - exact) / ulp(exact));
    });
  }
  expect(count).toBeGreaterThan(1_400_000);
  expect(worst).toBeLessThanOrEqual(8);
  expect(worst).toBeGreaterThan(0.5);
});

test("geluGrad over all of float32: within its bound", () => {
  memory.reset();
  const dy = noise(CHUNK, 3);
  const [from, x, dx] = [memory.place(dy), memory.place(CHUNK), memory.place(CHUNK)];
  let count = 0;
  for (const inputs of sweep()) {
    memory.write(x, inputs);
    memory.kernels.geluGrad(dx, from, x, 0, CHUNK);
    count += compare("geluGrad", memory.floats(dx, CHUNK), expected("geluGrad", dy, inputs));
  }
  expect(count).toBeGreaterThan(1_400_000);
});

test("at zeros, infinities, NaN and far out", () => {
  const points = [
    [0, 0, 0.5],
    [-0, -0, 0.5],
    [Infinity, Infinity, 1],
    [-Infinity, -0, 0],
    [NaN, NaN, NaN],
    [20, 20, 1],
    [-20, -0, 0],
    [3.4e38, Math.fround(3.4e38), 1],
    [-3.4e38, -0, 0],
    [1e-41, Math.fround(5e-42), 0.5],
  ] as const;
  memory.reset();
  const x = memory.place(Float32Array.from(points, ([at]) => at));
  const ones = memory.place(new Float32Array(points.length).fill(1));
  const [y, dx] = [memory.place(points.length), memory.place(points.length)];
  memory.kernels.gelu(y, x, 0, points.length);
  memory.kernels.geluGrad(dx, ones, x, 0, points.length);
  expect([...memory.floats(y, points.length)]).toEqual(points.map(([, value]) => value));
  // The sign of a slope of 0 tells nothing.
  expect([...memory.floats(dx, points.length)].map((slope) => slope + 0)).toEqual(points.map(([, , slope]) => slope));
});

test("gelu falls down to its minimum at −0.7518 and rises from there on", () => {
  const count = 1 << 11;
  memory.reset();
  const xs = Float32Array.from({ length: count }, (_, i) => (i - count / 2) / 64);
  const [x, y] = [memory.place(xs), memory.place(count)];
  memory.kernels.gelu(y, x, 0, count);
  const values = memory.floats(y, count);
  for (let i = 1; i < count; i++) {
    const change = values[i]! - values[i - 1]!;
    if (xs[i]! < -14) expect(change, `at ${xs[i]}`).toBeLessThanOrEqual(0);
    else if (xs[i]! < -0.76) expect(change, `at ${xs[i]}`).toBeLessThan(0);
    else if (xs[i - 1]! > -0.74) expect(change, `at ${xs[i]}`).toBeGreaterThan(0);
  }
});

test("every tail, in place too", () => {
  const cases = LANE_SIZES.flatMap((extent): KernelCase[] => {
    const x = noise(extent, extent).map((value) => 6 * value);
    const dy = noise(extent, extent + 1);
    const [y, dx] = [[expected("gelu", x)], [expected("geluGrad", dy, x)]];
    const labels = { label: `gelu of ${extent}`, extent };
    return [
      { ...labels, inputs: [x], outputs: [extent], expected: y, run: (k, [to], [a], ...r) => k.gelu(to!, a!, ...r) },
      { ...labels, inputs: [], outputs: [x], expected: y, run: (k, [to], _, ...r) => k.gelu(to!, to!, ...r) },
      {
        ...labels,
        inputs: [dy, x],
        outputs: [extent],
        expected: dx,
        run: (k, [to], [a, b], ...range) => k.geluGrad(to!, a!, b!, ...range),
      },
      {
        ...labels,
        inputs: [x],
        outputs: [dy],
        expected: dx,
        run: (k, [to], [b], ...range) => k.geluGrad(to!, to!, b!, ...range),
      },
    ];
  });
  checkKernels(memory, cases);
});

test("a bound that a result 0.1 % off would keep is none", () => {
  const x = Float32Array.of(-5, -1, -0.1, 0.3, 2);
  const ones = new Float32Array(5).fill(1);
  for (const { values, bound } of [expected("gelu", x), expected("geluGrad", ones, x)]) {
    Array.from(values).forEach((value, i) => expect(bound![i]).toBeLessThan(1e-5 * Math.abs(value)));
  }
});
