// The numbers that the kernels must leave where a transform made some (assembly/conv/own-terms.ts), case by case.
import { expect } from "vitest";
import type { KernelMemory } from "../support/kernel-memory.ts";
import { f, noise, Wanted, type KernelCase } from "./check-kernel.ts";
import type { OwnTerms } from "./own-terms.ts";

/** Within this distance of its limit the rounding of the kernels decides what happens to a number. */
const BAND = 2e-4;

/**
 * What is below its error with its bias is summed whatever its terms are: by each number's error, where they are looked
 * at.
 */
export interface Finishing {
  readonly errors?: Float64Array | undefined;
  readonly bias?: Float32Array | undefined;
}

/** The numbers that the kernels must leave, before relu. */
export interface Recomputed {
  /** Two equal lists; where a number is too near its limit to say, they hold both numbers that it may be. */
  readonly values: readonly [Float32Array, Float32Array];
  /**
   * The numbers that are certainly sums of their own terms, those of them that are so by their error alone, and those
   * that certainly stay the transform's.
   */
  readonly summed: Uint8Array;
  readonly near: Uint8Array;
  readonly kept: Uint8Array;
}

/**
 * A number keeps its value where it, or the sum of its terms' magnitudes, reaches the limit, and where with its bias it
 * is above its error. Otherwise it becomes the sum of its terms and the bias, rounded once. A limit of NaN demands
 * nothing.
 */
export function recomputed(
  made: Float32Array,
  { sums, sizes }: OwnTerms,
  limits: Float64Array,
  { errors, bias }: Finishing = {},
): Recomputed {
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

/** A channel that is 0 everywhere has the limit 0, which every number but 0 reaches. NaN reaches nothing. */
function reaches(size: number, limit: number, share: number): boolean {
  return limit === 0 ? size > 0 : size >= limit * share;
}

/** Sets the wanted numbers where there is a limit, after `finish` has applied to each what follows. */
function setRecomputed(
  wanted: Wanted,
  { values: [first, second] }: Recomputed,
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

/** relu; it lets NaN through. */
export const rectified = (value: number): number => (value < 0 ? 0 : value);

/** A little more than the number below which this share of the numbers above 0 lies; 1 where there are none. */
function quantile(numbers: Float64Array, share: number): number {
  const positive = numbers.filter((value) => value > 0 && value < Infinity).sort();
  return 1.01 * (positive[Math.floor(share * positive.length)] ?? 1);
}

/** The call of a kernel: all of its case but its outputs. */
export type KernelCall = Pick<KernelCase, "inputs" | "scratch" | "extent" | "run">;

/** Makes the call for an output of this length. */
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

/** The arguments of a kernel that recomputes, beside its operands. */
export interface Told {
  readonly t: number;
  readonly error: number;
  /** Undefined for none. */
  readonly bias: Float32Array | undefined;
  /** Whether bias and relu follow; otherwise the transform's numbers stay as they are. */
  readonly finished: boolean;
}

/** A call that takes products back to numbers, some of which are below their limits. */
export interface Recomputation {
  readonly label: string;
  /** The size of the last axis. */
  readonly channels: number;
  /** The products; the test scales them so that the results have the size of the limits. */
  readonly products: Float32Array;
  readonly call: (products: Float32Array, told: Told) => KernelCall;
  readonly terms: OwnTerms;
  /** NaN where the call writes nothing. */
  readonly limitsFor: (t: number) => Float64Array;
  /** The share of the terms below their limits. */
  readonly share: number;
  readonly biased: boolean;
  /** Whether the kernel looks at errors. */
  readonly erring: boolean;
  readonly finish: (value: number, before: number) => number;
}

/** Shares of the transform's numbers below their limits. */
const SMALL_SHARE = 0.7;

/** The error as a share of the limit. In the engine it is far less, but then noise would hit none. */
const ERROR_SHARE = 0.1;

/** Numbers that are not recomputed must have the transform's own bits, apart from bias and relu. */
export function recomputationCase(memory: KernelMemory, recomputation: Recomputation, lanes: Lanes): KernelCase {
  const { label, channels, products, call, terms, limitsFor, share, finish } = recomputation;
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
  const bias = recomputation.biased ? noise(channels, 41).map((value) => value * typical) : undefined;
  const error = recomputation.erring ? f(ERROR_SHARE * t) : 0;
  const result = recomputed(numbers, terms, limits, { bias, errors: limits.map((limit) => (limit / t) * error) });
  lanes.add(result, limits, channels);
  const wanted = new Wanted(limits.length, 40);
  setRecomputed(wanted, result, limits, finish);
  return {
    label: `${label}, ${share} below limits`,
    ...call(scaled, { t, error, bias, finished: true }),
    outputs: [wanted.before],
    expected: [wanted],
  };
}

/**
 * Counts, lane by lane of sixteen, the numbers that certainly were recomputed, those of them that were so by their
 * errors alone, and those that certainly were not.
 */
export class Lanes {
  readonly #summed = new Int32Array(16);
  readonly #near = new Int32Array(16);
  readonly #kept = new Int32Array(16);
  #uncertain = 0;

  add({ summed, near, kept }: Recomputed, limits: Float64Array, channels: number): void {
    limits.forEach((limit, i) => {
      if (Number.isNaN(limit)) return;
      const lane = (i % channels) & 15;
      this.#summed[lane]! += summed[i]!;
      this.#near[lane]! += near[i]!;
      this.#kept[lane]! += kept[i]!;
      this.#uncertain += 1 - summed[i]! - kept[i]!;
    });
  }

  /** There are enough of each kind in each lane, and hardly any of which nothing is certain. */
  check(least: { readonly near: number }): void {
    expect(Math.min(...this.#summed, ...this.#kept)).toBeGreaterThan(40);
    expect(Math.min(...this.#near)).toBeGreaterThanOrEqual(least.near);
    const certain = [...this.#summed, ...this.#kept].reduce((sum, count) => sum + count, 0);
    expect(this.#uncertain).toBeLessThan(certain / 1000);
  }
}

/** Pixels of all sizes and blank ones. In each pixel some channels are 0, and one channel is 0 everywhere. */
export function unevenImage(length: number, channels: number, seed: number): Float32Array {
  const sizes = noise(length / channels, seed + 1).map((size) => (size < -0.4 ? 0 : 10 ** (-2 * Math.abs(size))));
  return noise(length, seed).map((value, i) => {
    const [pixel, c] = [Math.floor(i / channels), i % channels];
    const blank = c === 2 || (pixel + (c >> 2)) % 3 === 0;
    return blank ? 0 : value * sizes[pixel]!;
  });
}

/** Channels of all sizes, one in seven 0. One weight in three is far smaller than the others. */
export function unevenFilter(length: number, channels: number, seed: number): Float32Array {
  const sizes = noise(channels, seed + 1).map((size, k) => (k % 7 === 5 ? 0 : 10 ** (3 * size)));
  return noise(length, seed).map((value, i) => value * sizes[i % channels]! * (i % 3 === 0 ? 1e-4 : 1));
}

/** A weight that is small beside the mean, and one that barely is not where an eighth of the mean is 1. */
const TINY = 1e-4;
const BARELY = 1.001;

/**
 * An image and a filter for which the first look is exact: the weights that pixels meet are barely not small beside
 * those of the first input channel, which meet 0. Where there are odd ones, every second weight of some channels is
 * tiny.
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
