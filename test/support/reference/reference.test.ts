// The oracle itself, on examples small enough to work out by hand from TensorFlow's definitions.
import { describe, expect, test } from "vitest";
import { ReferenceAdam } from "./adam.ts";
import { erf, erfc } from "./erf.ts";
import { referenceOf } from "./index.ts";
import { valueOf } from "./value.ts";

type Operand = readonly [shape: readonly number[], data: readonly number[]];

/** y of an operation, rounded to twelve decimals. */
function y(operation: string, shape: readonly number[], attributes: object, ...inputs: readonly Operand[]): number[] {
  const values = inputs.map(([dims, data]) => valueOf(dims, data));
  const [result] = referenceOf(operation).values(values, attributes, shape);
  return [...result!.data].map((value) => Math.round(value * 1e12) / 1e12);
}

const image = (...data: number[]): Operand => [[1, 1, data.length, 1], data];

describe("windows with SAME padding", () => {
  const same = (stride: number): object => ({ strides: [1, stride], padding: "same" });
  const taps: Operand = [
    [1, 3, 1, 1],
    [1, 10, 100],
  ];

  test("stride 1: one zero before and one after", () => {
    expect(y("conv2d", [1, 1, 4, 1], same(1), image(1, 2, 3, 4), taps)).toEqual([210, 321, 432, 43]);
  });

  test("stride 2 on an even size: no zero before, one after", () => {
    expect(y("conv2d", [1, 1, 2, 1], same(2), image(1, 2, 3, 4), taps)).toEqual([321, 43]);
  });

  test("stride 2 on an odd size: one on either side", () => {
    expect(y("conv2d", [1, 1, 3, 1], same(2), image(1, 2, 3, 4, 5), taps)).toEqual([210, 432, 54]);
  });

  test("an average is of the elements inside the image", () => {
    const pool = { window: [1, 2], ...same(2) };
    expect(y("avgPool", [1, 1, 3, 1], pool, image(1, 3, 5, 7, 9))).toEqual([2, 6, 9]);
    expect(y("avgPoolGrad", [1, 1, 5, 1], { ...pool, xShape: [1, 1, 5, 1] }, image(2, 4, 8))).toEqual([1, 1, 2, 2, 8]);
  });

  test("a maximum knows no zeros", () => {
    expect(y("maxPool", [1, 1, 2, 1], { window: [1, 2], ...same(2) }, image(-3, -1, -2))).toEqual([-1, -2]);
  });
});

test("VALID stays inside the image", () => {
  const valid = { strides: [1, 2], padding: "valid" };
  // prettier-ignore
  expect(y("conv2d", [1, 1, 2, 1], valid, image(1, 2, 3, 4, 5, 6), [[1, 3, 1, 1], [1, 10, 100]])).toEqual([321, 543]);
});

describe("the legacy bilinear resize", () => {
  test("twice the size: the last pixel comes twice", () => {
    expect(y("resizeBilinear", [1, 1, 6, 1], {}, image(0, 2, 6))).toEqual([0, 1, 2, 4, 6, 6]);
  });

  test("three pixels to two: source 0 and 1.5", () => {
    expect(y("resizeBilinear", [1, 1, 2, 1], {}, image(0, 2, 6))).toEqual([0, 4]);
  });

  test("its gradient spreads by the same weights", () => {
    expect(y("resizeBilinearGrad", [1, 1, 3, 1], { xShape: [1, 1, 3, 1] }, image(1, 2, 4, 8, 16, 32))).toEqual([
      2, 9, 52,
    ]);
  });
});

test("batch norm takes the biased variance of each channel", () => {
  const x: Operand = [
    [4, 2],
    [1, 10, 3, 10, 5, 10, 7, 10],
  ];
  const normal = y("batchNorm", [4, 2], { epsilon: 4 }, x, [[2], [0.5, 7]]);
  // Channel 0: mean 4, variance 5, √(5 + 4) = 3. Channel 1 does not vary.
  expect(normal).toEqual([-0.5, 7, 0.166666666667, 7, 0.833333333333, 7, 1.5, 7]);
});

test("cross entropies", () => {
  const { log } = Math;
  const round = (value: number): number => Math.round(value * 1e12) / 1e12;
  expect(y("sigmoidCrossEntropy", [3], {}, [[3], [0, log(3), -800]], [[3], [0.3, 1, 0]])).toEqual(
    [log(2), log(4 / 3), 0].map(round),
  );
  const logits: Operand = [
    [1, 3],
    [800 + log(1), 800 + log(2), 800 + log(5)],
  ];
  expect(
    y("softmaxCrossEntropy", [1], {}, logits, [
      [1, 3],
      [0, 0.5, 0.5],
    ]),
  ).toEqual([round((log(4) + log(8 / 5)) / 2)]);
});

test("erf and erfc, from tables, and where series and continued fraction meet", () => {
  const known = [
    [erf(0), 0],
    [erf(0.5), 0.5204998778130465],
    [erf(-1), -0.8427007929497149],
    [erf(3), 0.9999779095030014],
    [erfc(-1), 1.842700792949715],
    [erfc(1), 0.15729920705028513],
    [erfc(2), 0.004677734981047266],
    [erfc(5), 1.5374597944280349e-12],
    [erfc(10), 2.088487583762545e-45],
  ] as const;
  for (const [got, want] of known) expect(Math.abs(got - want)).toBeLessThanOrEqual(1e-14 * Math.abs(want));
  expect(Math.abs(erfc(2 - 2 ** -40) - erfc(2)) / erfc(2)).toBeLessThan(1e-11);
});

test("gelu and its slope: Φ(1) = 0.8413, φ(1) = 0.2420", () => {
  expect(y("gelu", [3], {}, [[3], [0, 1, -1]])).toEqual([0, 0.841344746069, -0.158655253931]);
  const ones: Operand = [[3], [1, 1, 2]];
  expect(y("geluGrad", [3], {}, ones, [[3], [0, 1, -1]])).toEqual([0.5, 1.083315470588, -0.166630941175]);
});

test("Adam's first step is the learning rate, whatever the gradient's size", () => {
  const w = Float64Array.of(1, 1, 1);
  const adam = new ReferenceAdam({ learningRate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }, 3);
  adam.step(w, [2, -5, 0]);
  expect([w[0]!, w[1]!, w[2]!].map((value) => Math.round(value * 1e6) / 1e6)).toEqual([0.9, 1.1, 1]);
  expect(adam.m[1]).toBeCloseTo(-0.5, 12);
  expect(adam.v[1]).toBeCloseTo(0.025, 12);
});
