// What the kernels must leave of numbers that a transform made (assembly/conv/own-terms.ts), case by case.
import { expect } from "vitest";
import type { KernelMemory } from "../support/kernel-memory.ts";
import { f, noise, Wanted, type KernelCase } from "./check-kernel.ts";
import type { OwnTerms } from "./own-terms.ts";

/** So near to its limit the kernels' rounding tells what happens to a number. */
const BAND = 2e-4;

/**
 * What is below its error with its bias is summed whatever its terms are: by each number's error, where they are looked
 * at.
 */
export interface Finishing {
  readonly errors?: Float64Array | undefined;
  readonly bias?: Float32Array | undefined;
}

/** What the kernels must leave of numbers that a transform made, before relu. */
export interface Settled {
  /** The same twice; what it may be either, where a limit is too near to say. */
  readonly values: readonly [Float32Array, Float32Array];
  /**
   * Which are sums of their own terms for certain, which of them by their error alone, and which are the transform's.
   */
  readonly summed: Uint8Array;
  readonly near: Uint8Array;
  readonly kept: Uint8Array;
}

/**
 * A number keeps its value where it, or the sum of its terms' magnitudes, reaches the limit, and with its bias it is
 * above its error; else it is its terms' sum and the bias, rounded once. NaN as a limit: nothing is asked.
 */
export function settled(
  made: Float32Array,
  { sums, sizes }: OwnTerms,
  limits: Float64Array,
  { errors, bias }: Finishing = {},
): Settled {
  const result = {
    values: [made.slice(), made.slice()] as const,
    summed: new Uint8Array(made.length),
    near: new Uint8Array(made.length),
    kept: new Uint8Array(made.length),
  };
  limits.forEach((limit, i) => {
    if (Number.isNaN(limit)) return;
    const [value, added, error] = [made[i]!, bias === undefined ? 0 : bias[i % bias.length]!, errors?.[i] ?? 0];
    const size = Math.max(Math.abs(value), sizes[i]!);
    const biased = Math.abs(f(value + added));
    const [near, far] = [biased < error * (1 - BAND), biased >= error * (1 + BAND)];
    const small = !Number.isFinite(value) || !reaches(size, limit, 1 - BAND);
    if (small || near) result.summed[i] = 1;
    if (near && reaches(size, limit, 1 + BAND)) result.near[i] = 1;
    if (Number.isFinite(value) && far && reaches(size, limit, 1 + BAND)) result.kept[i] = 1;
    result.values[0][i] = f(result.summed[i] ? sums[i]! + added : value + added);
    result.values[1][i] = f(result.kept[i] ? value + added : sums[i]! + added);
  });
  return result;
}

/** A limit of 0 is of channels that are 0 everywhere: what is not 0 reaches it. NaN reaches nothing. */
function reaches(size: number, limit: number, share: number): boolean {
  return limit === 0 ? size > 0 : size >= limit * share;
}

/** Sets what must be where a limit is, once `finish` has taken each number to its end. */
function setSettled(
  wanted: Wanted,
  { values: [first, second] }: Settled,
  limits: Float64Array,
  finish: (value: number, before: number) => number,
): void {
  limits.forEach((limit, i) => {
    if (Number.isNaN(limit)) return;
    const [a, b] = [finish(first[i]!, wanted.before[i]!), finish(second[i]!, wanted.before[i]!)];
    if (a === b || Number.isNaN(a)) wanted.set(i, a);
    else wanted.set(i, (a + b) / 2, Math.abs(a - b) / 2);
  });
}

/** relu, which lets NaN through. */
export const rectified = (value: number): number => (value < 0 ? 0 : value);

/** A little more than the number below which such a share of those is that are above 0; 1 of none. */
function quantile(numbers: Float64Array, share: number): number {
  const positive = numbers.filter((value) => value > 0 && value < Infinity).sort();
  return 1.01 * (positive[Math.floor(share * positive.length)] ?? 1);
}

/** A kernel's call: all of its case but what it writes. */
export type KernelCall = Pick<KernelCase, "inputs" | "scratch" | "extent" | "run">;

/** What a call makes of an output of this length. */
export function resultOf(
  memory: KernelMemory,
  { inputs, scratch = 0, extent, run }: KernelCall,
  length: number,
): Float32Array {
  memory.reset();
  const to = memory.place(length);
  run(memory.kernels, [to], [...inputs.map((values) => memory.place(values)), memory.place(scratch)], 0, extent);
  memory.checkGuards("a call");
  return memory.floats(to, length);
}

/** What a call of a kernel that settles is told beside its operands. */
export interface Told {
  readonly t: number;
  readonly error: number;
  /** Undefined for none. */
  readonly bias: Float32Array | undefined;
  /** Whether all that may follow does; else the transform's numbers are left as they are. */
  readonly finished: boolean;
}

/** A call that takes products back to numbers, some of which are below their limits. */
export interface Settling {
  readonly label: string;
  /** Of the last axis. */
  readonly channels: number;
  /** To be scaled, so that what comes of them is of the limits' size. */
  readonly products: Float32Array;
  readonly call: (products: Float32Array, told: Told) => KernelCall;
  readonly terms: OwnTerms;
  /** NaN where the call writes nothing. */
  readonly limitsFor: (t: number) => Float64Array;
  /** How many of the terms are below their limits. */
  readonly share: number;
  readonly biased: boolean;
  /** Whether errors are looked at. */
  readonly erring: boolean;
  readonly finish: (value: number, before: number) => number;
}

/** Which share of what the transform makes is below its limits. */
const SMALL_SHARE = 0.7;

/** How much of a limit the error is. In the engine it is far less, but then chance would find none. */
const ERROR_SHARE = 0.1;

/** All numbers that are not summed again must have the transform's own bits, up to what follows. */
export function settlingCase(memory: KernelMemory, settling: Settling, lanes: Lanes): KernelCase {
  const { label, channels, products, call, terms, limitsFor, share, finish } = settling;
  const units = limitsFor(1);
  const t = f(
    quantile(
      terms.sizes.map((size, i) => size / units[i]!),
      share,
    ),
  );
  const limits = limitsFor(t);
  const made = (of: Float32Array): Float32Array =>
    resultOf(memory, call(of, { t: 0, error: 0, bias: undefined, finished: false }), limits.length);
  const sizes = Float64Array.from(made(products), (value, i) => Math.abs(value) / limits[i]!);
  const scale = 1 / quantile(sizes, SMALL_SHARE);
  const scaled = products.map((value) => value * scale);
  const numbers = made(scaled);
  const typical = quantile(
    Float64Array.from(numbers, (value, i) => Math.abs(value) * (limits[i]! > 0 ? 1 : 0)),
    0.5,
  );
  const bias = settling.biased ? noise(channels, 41).map((value) => value * typical) : undefined;
  const error = settling.erring ? f(ERROR_SHARE * t) : 0;
  const result = settled(numbers, terms, limits, { bias, errors: limits.map((limit) => (limit / t) * error) });
  lanes.add(result, limits, channels);
  const wanted = new Wanted(limits.length, 40);
  setSettled(wanted, result, limits, finish);
  return {
    label: `${label}, ${share} below limits`,
    ...call(scaled, { t, error, bias, finished: true }),
    outputs: [wanted.before],
    expected: [wanted],
  };
}

/**
 * How many numbers were certainly summed again, some of them by their errors alone, and certainly not, lane by lane of
 * sixteen.
 */
export class Lanes {
  readonly #summed = new Int32Array(16);
  readonly #near = new Int32Array(16);
  readonly #kept = new Int32Array(16);
  #uncertain = 0;

  add({ summed, near, kept }: Settled, limits: Float64Array, channels: number): void {
    limits.forEach((limit, i) => {
      if (Number.isNaN(limit)) return;
      const lane = (i % channels) & 15;
      this.#summed[lane]! += summed[i]!;
      this.#near[lane]! += near[i]!;
      this.#kept[lane]! += kept[i]!;
      this.#uncertain += 1 - summed[i]! - kept[i]!;
    });
  }

  /** Enough of all in each lane, and next to none of which nothing is certain. */
  check(least: { readonly near: number }): void {
    expect(Math.min(...this.#summed, ...this.#kept)).toBeGreaterThan(40);
    expect(Math.min(...this.#near)).toBeGreaterThanOrEqual(least.near);
    const certain = [...this.#summed, ...this.#kept].reduce((sum, count) => sum + count, 0);
    expect(this.#uncertain).toBeLessThan(certain / 1000);
  }
}

/** Pixels of all sizes and blank ones; in each pixel channels without numbers, and one channel that is 0 everywhere. */
export function unevenImage(length: number, channels: number, seed: number): Float32Array {
  const sizes = noise(length / channels, seed + 1).map((size) => (size < -0.4 ? 0 : 10 ** (-2 * Math.abs(size))));
  return noise(length, seed).map((value, i) => {
    const [pixel, c] = [Math.floor(i / channels), i % channels];
    const blank = c === 2 || (pixel + (c >> 2)) % 3 === 0;
    return blank ? 0 : value * sizes[pixel]!;
  });
}

/** Channels of all sizes, one in seven 0; and one weight in three far smaller than the others. */
export function unevenFilter(length: number, channels: number, seed: number): Float32Array {
  const sizes = noise(channels, seed + 1).map((size, k) => (k % 7 === 5 ? 0 : 10 ** (3 * size)));
  return noise(length, seed).map((value, i) => value * sizes[i % channels]! * (i % 3 === 0 ? 1e-4 : 1));
}

/** A weight that is small beside the mean, and one that barely is not where an eighth of the mean is 1. */
const TINY = 1e-4;
const BARELY = 1.001;

/**
 * An image and a filter of which the first look tells all there is to tell: the weights that pixels meet are barely not
 * small beside the first input channel's, which meet 0. Where there are odd ones, every second weight of some channels
 * is tiny.
 */
export function tightOperands(
  length: number,
  channels: number,
  weights: number,
  outChannels: number,
  seed: number,
): { readonly x: Float32Array; readonly filter: Float32Array } {
  const odd = seed % 2 === 1;
  const tiny = (c: number, k: number): boolean => odd && k % 16 === 13 && c % 2 === 1;
  const sizeOf = (c: number, k: number): number => {
    if (c > 0) return tiny(c, k) ? TINY : BARELY;
    return Array.from({ length: channels - 1 }, (_, i) => sizeOf(i + 1, k)).reduce(
      (left, size) => left - size,
      8 * channels,
    );
  };
  return {
    x: unevenImage(length, channels, seed).map((value, i) => (i % channels === 0 ? 0 : value)),
    filter: noise(weights, seed + 6).map(
      (sign, i) => Math.sign(sign) * sizeOf(Math.floor(i / outChannels) % channels, i % outChannels),
    ),
  };
}
