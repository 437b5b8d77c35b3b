// Tests of the kernels of a transform one after the other: they recompute numbers that real products give, as
// assembly/conv/own-terms.ts says.
import { expect, test } from "vitest";
import { errorFactor, limitFactor, OWN_TERMS_FACTOR } from "../../src/engine/lowering/convolution/own-terms.ts";
import { f, noise } from "./check-kernel.ts";
import {
  gradientVariants,
  plainGradient,
  pooledGradient,
  poolOf,
  type GradientOperands,
  type GradientVariant,
} from "./gradient-operands.ts";
import { gradientLimits, gradientTerms, outputLimits, outputTerms, type OwnTerms, type Tile } from "./own-terms.ts";
import { rectified, recomputed, type Recomputed } from "./recomputation.ts";
import { imageLength, rowsOf, type Window } from "./windows.ts";

/** The operands of outputs, and what follows: relu, and a bias where there is one. */
export interface Forward {
  readonly x: Float32Array;
  readonly filter: Float32Array;
  readonly bias?: Float32Array | undefined;
  readonly relu?: boolean;
}

/** The t and error of the kernels. With 0 they recompute only numbers that are not finite. */
export interface Limits {
  readonly t: number;
  readonly error: number;
}

/** A convolution by the kernels of a transform. */
export interface Composition {
  readonly w: Window;
  readonly outChannels: number;
  readonly tiles: readonly Tile[];
  /** Inputs that a tile sees in both directions. */
  readonly seen: number;
  readonly outputs: (forward: Forward, limits: Limits) => Float32Array;
  readonly gradients: (operands: GradientOperands, t: number) => Float32Array;
  /** How much images fade from column to column, so that a tile has windows of all sizes. */
  readonly fade: number;
  /** Whether outputs near 0 are summed even where neither bias nor relu follows. */
  readonly errsAlone: boolean;
  /** The errors of both at most, as src/engine/lowering states them. */
  readonly outputError: number;
  readonly gradientError: number;
}

const PLAIN: Limits = { t: 0, error: 0 };

/** The t and error that the compiler passes to the kernels. */
export function limitsOf({ w, outputError }: Composition): Limits {
  const t = limitFactor(outputError, w.filterHeight * w.filterWidth * w.channels);
  return { t: f(t), error: f(errorFactor(outputError)) };
}

/** The same of filter gradients: their t. */
export function gradientLimitOf({ w, gradientError }: Composition): number {
  return f(limitFactor(gradientError, w.batch * w.outHeight * w.outWidth));
}

interface Checked extends Recomputed {
  readonly got: Float32Array;
  readonly made: Float32Array;
  readonly terms: OwnTerms;
}

/** A number that must not be recomputed has the bits of the transform alone; every other is the sum of its terms. */
function checkOutputs(composition: Composition, forward: Forward): Checked {
  const { w, outChannels, tiles, seen, outputs, errsAlone } = composition;
  const { x, filter, bias, relu = false } = forward;
  const told = limitsOf(composition);
  const [got, made] = [outputs(forward, told), outputs({ x, filter }, PLAIN)];
  const limits = outputLimits(w, outChannels, x, filter, tiles, seen, told.t);
  const errors = errsAlone || bias || relu ? limits.map((limit) => (limit / told.t) * told.error) : undefined;
  const terms = termsOf(composition, x, filter);
  const result = recomputed(made, terms, limits, { errors, bias });
  checkEither(got, result, relu ? rectified : (value) => value);
  return { ...result, got, made, terms };
}

/** The terms of all outputs. Those of the last images are kept, because a bias or relu after them changes no term. */
function termsOf(composition: Composition, x: Float32Array, filter: Float32Array): OwnTerms {
  const last = lastTerms.get(composition);
  if (last?.x === x && last.filter === filter) return last.terms;
  const terms = outputTerms(composition.w, composition.outChannels, x, filter);
  lastTerms.set(composition, { x, filter, terms });
  return terms;
}

const lastTerms = new WeakMap<Composition, { x: Float32Array; filter: Float32Array; terms: OwnTerms }>();

function checkEither(got: Float32Array, { values }: Recomputed, finish: (value: number) => number): void {
  const [first, second] = values.map((all) => all.map(finish)) as [Float32Array, Float32Array];
  expect(got).toHaveLength(first.length);
  const wrong = got.findIndex((value, i) => !same(value, first[i]!) && !same(value, second[i]!));
  if (wrong >= 0) expect.fail(`element ${wrong} is ${got[wrong]}, want ${first[wrong]} or ${second[wrong]}`);
}

const same = (a: number, b: number): boolean => a === b || (Number.isNaN(a) && Number.isNaN(b));
const countOf = (flags: Uint8Array): number => flags.reduce((sum, flag) => sum + flag, 0);

/** Images whose pixels get smaller from column to column, from the left or the right. Half of the last one is blank. */
function fading(
  values: Float32Array,
  [height, width]: readonly [number, number],
  channels: number,
  { share, right = false }: { readonly share: number; readonly right?: boolean },
): Float32Array {
  const images = values.length / (height * width * channels);
  return values.map((value, i) => {
    const line = Math.floor(i / channels / width);
    const [image, row, column] = [Math.floor(line / height), line % height, Math.floor(i / channels) % width];
    if (image === images - 1 && row > height / 2) return 0;
    return value * share ** (right ? width - 1 - column : column);
  });
}

const dense = ({ w, outChannels }: Composition): { x: Float32Array; filter: Float32Array } => ({
  x: noise(w.batch * imageLength(w), 21),
  filter: noise(w.filterHeight * w.filterWidth * w.channels * outChannels, 22),
});

const EPILOGUES = [
  { biased: false, relu: false },
  { biased: true, relu: false },
  { biased: true, relu: true },
  { biased: false, relu: true },
];

/** Registers the tests of outputs. */
export function testOutputs(composition: Composition): void {
  const { w, outChannels } = composition;
  const products = w.filterHeight * w.filterWidth * w.channels;

  test.each(EPILOGUES)("outputs with small terms are their sums, others the transform's: %j", ({ biased, relu }) => {
    const { x, filter } = dense(composition);
    const faded = fading(x, [w.inHeight, w.inWidth], w.channels, { share: composition.fade });
    const bias = biased ? noise(outChannels, 23).map((value) => value * 1e-3) : undefined;
    const { summed, kept, made, got, terms } = checkOutputs(composition, { x: faded, filter, bias, relu });
    for (let k = 0; k < outChannels; k++) {
      const ofChannel = [summed, kept].map((flags) => countOf(flags.filter((_, i) => i % outChannels === k)));
      expect(Math.min(...ofChannel), `channel ${k}`).toBeGreaterThan(10);
    }
    const off = (value: number, i: number): boolean =>
      Math.abs(value - terms.sums[i]!) > OWN_TERMS_FACTOR * 2 ** -23 * (products + 1) * terms.sizes[i]!;
    // The transform alone is not held to the terms.
    expect(made.filter(off).length).toBeGreaterThan(50);
    if (!biased && !relu) expect(got.findIndex(off)).toBe(-1);
    expect(terms.sizes.filter((size) => size === 0).length).toBeGreaterThan(10 * outChannels);
  });

  test("outputs of dense images keep the transform's bits", () => {
    const { kept, got, made } = checkOutputs(composition, dense(composition));
    expect(got).toEqual(made);
    expect(countOf(kept)).toBe(kept.length);
  });

  test("outputs whose products are all 0 are exactly 0, or the bias", () => {
    const { x, filter } = dense(composition);
    // Every third input channel is blank, and so are the weights of all others for the last output channels.
    const [blank, dead] = [x.map((value, i) => ((i % w.channels) % 3 ? value : 0)), outChannels - 3];
    const weights = filter.map((value, i) => {
      const [c, k] = [Math.floor(i / outChannels) % w.channels, i % outChannels];
      if (k === dead) return 0;
      return k > dead && c % 3 ? 0 : value;
    });
    const bias = noise(outChannels, 24);
    const { got, terms } = checkOutputs(composition, { x: blank, filter: weights });
    const biased = checkOutputs(composition, { x: blank, filter: weights, bias }).got;
    const none = terms.sizes.map((size) => (size === 0 ? 1 : 0));
    expect(none.reduce((sum, one) => sum + one, 0)).toBe(3 * rowsOf(w));
    expect(got.filter((value, i) => none[i] && value !== 0)).toHaveLength(0);
    expect(biased.filter((value, i) => none[i] && value !== bias[i % outChannels])).toHaveLength(0);
  });

  test("one bright pixel reaches only the windows that see it", () => {
    const { x, filter } = dense(composition);
    const bright = new Float32Array(x.length);
    bright[w.channels * (w.inWidth * (w.inHeight >> 1) + 3) + 1] = 1e5;
    const { got, made, terms } = checkOutputs(composition, { x: bright, filter });
    const blind = (_: number, i: number): boolean => terms.sizes[i] === 0;
    expect(got.filter(blind).every((value) => value === 0)).toBe(true);
    expect(made.filter(blind).some((value) => value !== 0)).toBe(true);
    expect(got.filter((value) => value !== 0).length).toBeGreaterThanOrEqual(outChannels);
  });

  test.each([NaN, Infinity, -Infinity])("%d in one pixel reaches only the windows that see it", (value) => {
    const { x, filter } = dense(composition);
    const bias = noise(outChannels, 25);
    for (const pixel of [0, Math.floor((w.inHeight * w.inWidth) / 2) + 1, w.batch * w.inHeight * w.inWidth - 1]) {
      const poisoned = x.slice();
      poisoned[pixel * w.channels + 2] = value;
      for (const relu of [false, true]) {
        const { got, kept, terms } = checkOutputs(composition, { x: poisoned, filter, bias, relu });
        const seen = terms.sums.filter((sum) => !Number.isFinite(sum)).length;
        expect(seen).toBeGreaterThan(0);
        expect(got.filter((sum) => sum !== sum || sum === Infinity).length).toBeGreaterThan(0);
        expect(seen).toBeLessThan(terms.sums.length / 2);
        // Other tiles do not see it.
        expect(countOf(kept)).toBeGreaterThan(0);
      }
    }
  });

  test.each([Infinity, NaN])(
    "a weight of %d reaches the outputs of its channel that see more than 0 by it",
    (weight) => {
      const { x, filter } = dense(composition);
      for (const others of [filter, new Float32Array(filter.length)]) {
        const weights = others.map((value, i) => (i === outChannels + 1 ? weight : value));
        // Of one size, so that a window's sum is nearly its root times that of the count.
        const even = x.map((value, i) => (i % w.channels === 1 && i < imageLength(w) && value > 0 ? 0 : 1));
        const { got, kept } = checkOutputs(composition, { x: even, filter: weights });
        const ofChannel = got.filter((_, i) => i % outChannels === 1);
        expect(ofChannel.filter((value) => same(value, weight)).length).toBeGreaterThan(rowsOf(w) / 4);
        expect(ofChannel.filter(Number.isFinite).length).toBeGreaterThan(rowsOf(w) / 8);
        expect(countOf(kept) > 0).toBe(others === filter);
      }
    },
  );

  test.each([
    [1e17, 1e17],
    [1e30, 1],
    [1e36, 1],
  ])("images of size %d and filters of size %d are summed, not transformed", (size, filterSize) => {
    const { x, filter } = dense(composition);
    const huge = x.map((value) => value * size);
    const large = filter.map((value) => value * filterSize);
    const { got, summed, terms } = checkOutputs(composition, { x: huge, filter: large });
    expect(countOf(summed)).toBe(summed.length);
    expect(got).toEqual(Float32Array.from(terms.sums));
    expect(got.every(Number.isFinite)).toBe(true);
  });

  test("outputs of huge weights are summed, channel by channel", () => {
    const { x, filter } = dense(composition);
    const heavy = filter.map((value, i) => (i % outChannels === 1 ? value * 1e30 : value));
    const { summed } = checkOutputs(composition, { x, filter: heavy });
    summed.forEach((flag, i) => expect(flag).toBe(i % outChannels === 1 ? 1 : 0));
  });
}

/** Registers the tests of filter gradients. */
export function testGradients(composition: Composition): void {
  const { w, outChannels } = composition;
  const t = gradientLimitOf(composition);

  /** As checkOutputs. */
  function check(operands: GradientOperands): Checked {
    const { x, dy } = operands;
    const [got, made] = [composition.gradients(operands, t), composition.gradients(operands, 0)];
    const terms = gradientTerms(w, outChannels, x, dy);
    const result = recomputed(made, terms, gradientLimits(w, outChannels, x, dy, t));
    checkEither(got, result, (value) => value);
    return { ...result, got, made, terms };
  }

  const xOf = (): Float32Array => noise(w.batch * imageLength(w), 26);

  /** Changes dy, or what the pool makes it of. */
  function operandsOf(
    variant: GradientVariant,
    x: Float32Array,
    change: (dy: Float32Array, height: number, width: number) => Float32Array,
  ): GradientOperands {
    const outputs = noise(rowsOf(w) * outChannels, 27);
    if (!variant.masked) return plainGradient(w, x, change(outputs, w.outHeight, w.outWidth), outChannels, variant);
    const pool = poolOf(w, outChannels);
    const pooled = change(noise(rowsOf(pool) * outChannels, 28), pool.outHeight, pool.outWidth);
    return pooledGradient(w, x, pool, pooled, outputs, variant);
  }

  test.each(gradientVariants)("gradients with small terms are their sums, others the transform's: %j", (variant) => {
    const { fade } = composition;
    const x = fading(xOf(), [w.inHeight, w.inWidth], w.channels, { share: fade });
    const shaped = x.map((value, i) => (i % w.channels === 3 ? 0 : value));
    const operands = operandsOf(variant, shaped, (dy, height, width) =>
      fading(dy, [height, width], outChannels, { share: fade ** (w.outWidth / width), right: true }).map((value, i) =>
        i % outChannels === 2 ? 0 : value,
      ),
    );
    const { got, summed, made, terms } = check(operands);
    const products = w.batch * w.outHeight * w.outWidth;
    const off = (value: number, i: number): boolean =>
      Math.abs(value - terms.sums[i]!) > OWN_TERMS_FACTOR * 2 ** -23 * (products + 1) * terms.sizes[i]!;
    expect(got.findIndex(off)).toBe(-1);
    if (!variant.masked) expect(made.filter(off).length).toBeGreaterThan(got.length / 100);
    expect(countOf(summed)).toBeGreaterThan(got.length / 10);
    const none = terms.sizes.filter((size) => size === 0).length;
    expect(none).toBeGreaterThanOrEqual(w.filterHeight * w.filterWidth * (w.channels + outChannels - 1));
  });

  test.each(gradientVariants)("gradients of dense numbers keep the transform's bits: %j", (variant) => {
    const { got, made, kept } = check(operandsOf(variant, xOf(), (dy) => dy));
    expect(got).toEqual(made);
    expect(countOf(kept)).toBe(kept.length);
  });

  test("NaN and Infinity reach only the gradients of their channel that see them", () => {
    for (const value of [NaN, Infinity]) {
      // The first pixel, which not all taps see.
      const poisoned = xOf();
      poisoned[2] = value;
      const ofX = check(operandsOf({ masked: false, bits: true }, poisoned, (dy) => dy));
      const bad = (_: number, i: number): boolean => Math.floor(i / outChannels) % w.channels === 2;
      expect(ofX.got.some((gradient, i) => bad(gradient, i) && Number.isFinite(gradient))).toBe(true);
      expect(ofX.got.some((gradient) => !Number.isFinite(gradient))).toBe(true);
      expect(ofX.got.every((gradient, i) => bad(gradient, i) || ofX.made[i] === gradient)).toBe(true);
      const ofDy = check(
        operandsOf({ masked: false, bits: false }, xOf(), (dy) =>
          dy.map((gradient, i) => (i === outChannels - 1 ? value : gradient)),
        ),
      );
      expect(ofDy.got.every((gradient, i) => i % outChannels === outChannels - 1 || Number.isFinite(gradient))).toBe(
        true,
      );
      expect(ofDy.got.some((gradient) => !Number.isFinite(gradient))).toBe(true);
    }
  });

  test("gradients of huge numbers are summed, not transformed", () => {
    const huge = xOf().map((value) => value * 1e18);
    const { got, summed, terms } = check(
      operandsOf({ masked: true, bits: true }, huge, (dy) => dy.map((value) => value * 1e17)),
    );
    expect(countOf(summed)).toBe(summed.length);
    expect(got).toEqual(Float32Array.from(terms.sums));
  });
}
