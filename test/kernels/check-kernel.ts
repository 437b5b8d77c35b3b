// The proof every kernel gets: right values, nothing written beside its buffers, and the same bits however its range
// is split.
import type { Kernels } from "../../src/engine/runtime/kernels.ts";
import type { KernelMemory, Values } from "../support/kernel-memory.ts";

/** What an output must hold: float64 values, and how far a float32 may be from each: not at all without a bound. */
export interface Expected {
  readonly values: ArrayLike<number>;
  readonly bound?: ArrayLike<number>;
}

/** What a buffer holds before and must hold after: everything it held, until elements are set. */
export class Wanted implements Expected {
  readonly before: Float32Array;
  readonly values: Float64Array;
  readonly bound: Float64Array;

  constructor(length: number, seed: number) {
    this.before = noise(length, seed);
    this.values = Float64Array.from(this.before);
    this.bound = new Float64Array(length);
  }

  set(index: number, value: number, bound = 0): void {
    this.values[index] = value;
    this.bound[index] = bound;
  }
}

export interface KernelCase {
  readonly label: string;
  readonly inputs: readonly Values[];
  /** Outputs, by length, or by what they hold before where the kernel also reads or keeps part of it. */
  readonly outputs: readonly (number | Values)[];
  /** Floats of scratch, NaN before each run; its address is given after those of the inputs. */
  readonly scratch?: number;
  /** The size of the range that threads split. */
  readonly extent: number;
  readonly run: (kernels: Kernels, outputs: number[], inputs: number[], begin: number, end: number) => void;
  readonly expected: readonly Expected[];
}

/** Runs all cases; throws at the first wrong element, at an overwritten guard, and if there was nothing to compare. */
export function checkKernels(memory: KernelMemory, cases: Iterable<KernelCase>): void {
  let compared = 0;
  for (const kernelCase of cases) compared += checkKernel(memory, kernelCase);
  if (compared === 0) throw new Error("the sweep compared nothing");
}

function checkKernel(memory: KernelMemory, kernelCase: KernelCase): number {
  const { label, inputs, outputs, scratch = 0, extent, expected } = kernelCase;
  memory.reset();
  const inputAddresses = inputs.map((values) => memory.place(values));
  const lengths = outputs.map((output) => (typeof output === "number" ? output : output.length));
  const addresses = outputs.map((output) => memory.place(output));
  const nothing = new Float32Array(scratch).fill(NaN);
  const scratchAddress = memory.place(nothing);
  const before = addresses.map((address, i) => memory.bits(address, lengths[i]!));

  const run = (begin: number, end: number): void => {
    memory.write(scratchAddress, nothing);
    kernelCase.run(memory.kernels, addresses, [...inputAddresses, scratchAddress], begin, end);
  };

  run(0, extent);
  memory.checkGuards(label);
  const whole = addresses.map((address, i) => memory.bits(address, lengths[i]!));
  let compared = 0;
  expected.forEach((wanted, i) => {
    compared += compare(`${label}, output ${i}`, memory.floats(addresses[i]!, lengths[i]!), wanted);
  });

  for (const middle of splits(extent)) {
    addresses.forEach((address, i) => memory.write(address, new Int32Array(before[i]!.buffer)));
    run(0, middle);
    run(middle, extent);
    memory.checkGuards(label);
    addresses.forEach((address, i) =>
      sameBits(`${label} split at ${middle}`, memory.bits(address, lengths[i]!), whole[i]!),
    );
  }
  inputs.forEach((values, i) => {
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
    sameBits(`${label}, input ${i}`, memory.bits(inputAddresses[i]!, values.length), bits);
  });
  return compared;
}

/** Where to split a range: nowhere inside lanes is left out for short ones. */
function splits(extent: number): number[] {
  const middles = new Set([1, 2, 3, 5, extent >> 1, extent - 6, extent - 1]);
  return [...middles].filter((middle) => middle > 0 && middle < extent);
}

function sameBits(label: string, got: Uint32Array, want: Uint32Array): void {
  for (let i = 0; i < want.length; i++) {
    if (got[i] !== want[i]) throw new Error(`${label}: bits of element ${i} differ`);
  }
}

/** Throws unless each element is within its bound (NaN where NaN is wanted); returns how many there were. */
export function compare(label: string, got: Float32Array, { values, bound }: Expected): number {
  if (got.length !== values.length) throw new Error(`${label}: ${got.length} elements, want ${values.length}`);
  for (let i = 0; i < values.length; i++) {
    const [value, want] = [got[i]!, values[i]!];
    const limit = bound === undefined ? 0 : bound[i]!;
    if (Number.isNaN(limit) && !Number.isNaN(want)) throw new Error(`${label}: bound ${i} is NaN`);
    if (value === want || Math.abs(value - want) <= limit || (Number.isNaN(value) && Number.isNaN(want))) continue;
    throw new Error(`${label}: element ${i} is ${value}, want ${want} within ${limit}`);
  }
  return values.length;
}

/** A sum in float64 that also knows how far float32 arithmetic may be from it. */
export class ExactSum {
  value = 0;
  #magnitude = 0;
  #terms = 0;

  add(term: number): void {
    this.value += term;
    this.#magnitude += Math.abs(term);
    this.#terms++;
  }

  /** c (K + 1) 2^-23 Σ |term|, where each of the K terms was itself rounded; and the smallest subnormal. */
  bound(c = 1): number {
    return c * (this.#terms + 1) * 2 ** -23 * this.#magnitude + 2 ** -149;
  }
}

/** Splits sums into values and bounds. */
export function expectedSums(sums: readonly ExactSum[], c = 1): Expected {
  return { values: sums.map((sum) => sum.value), bound: sums.map((sum) => sum.bound(c)) };
}

const float64 = new Float64Array(1);
const halves = new Int32Array(float64.buffer);

/** The spacing of float32 numbers at a value. */
export function ulp(value: number): number {
  float64[0] = value;
  const exponent = ((halves[1]! >> 20) & 0x7ff) - 1023;
  return 2 ** (Math.max(exponent, -126) - 23);
}

/** Floats in (-1, 1) from a linear congruential generator, so that a failure repeats. */
export function noise(length: number, seed: number): Float32Array {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state - 2 ** 31) / 2 ** 31;
  });
}

/** Integers 0 .. count-1: sums of them are exact in float32 and maxima tie. */
export function integers(length: number, count: number, seed: number): Float32Array {
  return noise(length, seed).map((value) => Math.floor(((value + 1) / 2) * count));
}

/** Noise in which every seventh element is a value that is easily got wrong. */
export function withSpecials(length: number, seed: number): Float32Array {
  const specials = [NaN, Infinity, -0, 0, 1e-41, -Infinity, -1e-41, 3.4e38, -3.4e38];
  return noise(length, seed).map((value, i) =>
    i % 7 === 3 ? specials[(((i + seed) / 7) % specials.length) | 0]! : value,
  );
}

/** Sizes around one, two and sixteen lanes. */
export const LANE_SIZES: readonly number[] = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 18, 31, 64, 67];

export const f: (value: number) => number = Math.fround;
