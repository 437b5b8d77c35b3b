import { checkKind, SEEDS } from "../value-kinds.ts";

/**
 * Philox4x32-10, a counter-based generator: four counter words and two key words give four random words, by ten rounds
 * of two 32×32→64 multiplications. It has no state: any value can be computed alone, in any order, on any thread. The
 * same function runs in assembly/random; this one serves the code that does not use WebAssembly.
 *
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */

/** The seed as Philox's two key words. */
export interface PhiloxKey {
  /** seed mod 2³². */
  readonly low: number;
  /** floor(seed / 2³²), below 2²¹. */
  readonly high: number;
}

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;
const TWO_TO_32 = 0x1_0000_0000;

/**
 * The seed itself, once it is known to be an integer from 0 to 2⁵³−1.
 * @throws ArgumentError otherwise
 */
export function checkSeed(seed: number): number {
  return checkKind("seed", SEEDS, seed);
}

/** @throws ArgumentError for a seed that is no integer from 0 to 2⁵³−1 */
export function philoxKey(seed: number): PhiloxKey {
  checkSeed(seed);
  return { low: seed >>> 0, high: Math.floor(seed / TWO_TO_32) };
}

/**
 * Writes the four random words of one counter to out[0..3].
 * Counter words: [block, step or epoch or image, attempt, stream], each taken mod 2³² (see streams.ts).
 */
export function philox(
  out: Uint32Array,
  key: PhiloxKey,
  block: number,
  step: number,
  attempt: number,
  stream: number,
): void {
  let [c0, c1, c2, c3] = [block | 0, step | 0, attempt | 0, stream | 0];
  let [k0, k1] = [key.low | 0, key.high | 0];
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0);
    const high1 = multiplyHigh(MULTIPLIER_1, c2);
    const low0 = Math.imul(MULTIPLIER_0, c0);
    const low1 = Math.imul(MULTIPLIER_1, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + WEYL_0) | 0;
    k1 = (k1 + WEYL_1) | 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** The upper 32 bits of the 64-bit product, from four 16×16→32 products; no partial sum below passes 2³²−1. */
function multiplyHigh(a: number, b: number): number {
  const [aLow, aHigh] = [a & 0xffff, a >>> 16];
  const [bLow, bHigh] = [b & 0xffff, b >>> 16];
  const first = Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16);
  const second = Math.imul(aLow, bHigh) + (first & 0xffff);
  return (Math.imul(aHigh, bHigh) + (first >>> 16) + (second >>> 16)) | 0;
}

/** A word as a float64 in [0, 1): word·2⁻³², exact. */
export function uniform(word: number): number {
  return (word >>> 0) / TWO_TO_32;
}
