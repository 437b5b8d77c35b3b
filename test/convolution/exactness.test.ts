// A convolution's three passes over all kinds of numbers: |error| ≤ c · 2⁻²³ · (k + 1) · Σ|xᵢwᵢ| over each output's own
// window, and exactly 0 where all of its products are. WASM_GAN_SWEEP=full takes thousands of cases instead of a
// hundred.
import { beforeAll, describe, expect, test } from "vitest";
import { HAS_REAL_MNIST } from "../data/real-mnist.ts";
import { CHOSEN, algorithmsOf, convolutionOf, tilesOf } from "./geometries.ts";
import { FULL } from "./sample.ts";
import { PASSES, sweepNotFinite, sweepPasses } from "./passes.ts";
import { Tally } from "./tally.ts";

const SIZES = FULL ? { small: 3000, large: 200 } : { small: 240, large: 4 };
const NOT_FINITE = FULL ? { small: 200, large: 0 } : { small: 24, large: 0 };
const TIME = FULL ? 3_600_000 : 120_000;

test("chosen convolutions are of all algorithms and of all kinds of tiles", () => {
  expect(new Set(CHOSEN.map((geometry) => algorithmsOf(geometry).forward))).toEqual(
    new Set(["fft", "winograd", "patches"]),
  );
  const fft = CHOSEN.filter((geometry) => algorithmsOf(geometry).forward === "fft");
  expect(new Set(fft.map((geometry) => tilesOf(convolutionOf(geometry).g)))).toEqual(
    new Set(["one tile", "one tile that wraps", "whole tiles", "the last tile cut off"]),
  );
});

test.skipIf(HAS_REAL_MNIST)("real MNIST is not here: drawn digits alone (skipped where shared/data/mnist is)", () => {
  expect(HAS_REAL_MNIST).toBe(false);
});

describe("finite numbers", () => {
  const tally = new Tally();
  beforeAll(() => sweepPasses(tally, SIZES, 11), TIME);

  test.each(PASSES)("%s: own terms bound each error, and 0 is 0", (pass) => {
    expect(tally.casesOf(pass)).toBe(SIZES.small + SIZES.large);
    expect(tally.failures(pass)).toBe("");
  });
});

describe("one number that is not finite", () => {
  const tally = new Tally();
  beforeAll(() => sweepNotFinite(tally, NOT_FINITE, 12), TIME);

  test.each(PASSES)("%s: only what sees it is not finite", (pass) => {
    const kind = `${pass}, not finite`;
    expect(tally.casesOf(kind)).toBe(NOT_FINITE.small + NOT_FINITE.large);
    expect(tally.failures(kind)).toBe("");
  });
});
