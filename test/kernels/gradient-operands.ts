// The terms of a filter gradient (assembly/conv/filter-grad-terms.ts), for the tests of the kernels that read them.
import type { Values } from "../support/kernel-memory.ts";
import { maskedGradient, maskOf } from "./masked-pools.ts";
import { channelSquaresOf, occupancyOf } from "./own-terms.ts";
import { unevenImage } from "./recomputation.ts";
import { imageLength, rowsOf, tableOf, windowOf, type Window } from "./windows.ts";

/** How the kernels get dy: whether it comes back through a pool, and whether they know where numbers are not 0. */
export interface GradientVariant {
  readonly masked: boolean;
  readonly bits: boolean;
}

export const gradientVariants: readonly GradientVariant[] = [
  { masked: false, bits: false },
  { masked: true, bits: true },
  { masked: false, bits: true },
  { masked: true, bits: false },
];

export interface GradientOperands extends GradientVariant {
  readonly x: Float32Array;
  /** The gradient of each output. */
  readonly dy: Float32Array;
  /** What the kernels read of it. */
  readonly inputs: readonly Values[];
}

/** Numbers of all sizes, with blank places. */
export function gradientOperands(
  w: Window,
  outChannels: number,
  variant: GradientVariant,
  seed: number,
): GradientOperands {
  const x = unevenImage(w.batch * imageLength(w), w.channels, seed);
  const outputs = unevenImage(rowsOf(w) * outChannels, outChannels, seed + 2);
  if (!variant.masked) return plainGradient(w, x, outputs, outChannels, variant);
  const pool = poolOf(w, outChannels);
  const pooled = unevenImage(rowsOf(pool) * outChannels, outChannels, seed + 4);
  return pooledGradient(w, x, pool, pooled, outputs, variant);
}

/** A pool of the outputs after relu; its windows cover each output once. */
export function poolOf(w: Window, outChannels: number): Window {
  return windowOf([w.batch, w.outHeight, w.outWidth, outChannels], [3, 2], [3, 2], "same");
}

/** dy as it is. */
export function plainGradient(
  w: Window,
  x: Float32Array,
  dy: Float32Array,
  outChannels: number,
  variant: GradientVariant,
): GradientOperands {
  return { ...variant, x, dy, inputs: [x, dy, NONE, NONE, ...known(w, x, dy, outChannels)] };
}

/** dy as the gradient of a pool of the outputs after relu. */
export function pooledGradient(
  w: Window,
  x: Float32Array,
  pool: Window,
  pooled: Float32Array,
  outputs: Float32Array,
  variant: GradientVariant,
): GradientOperands {
  const dy = maskedGradient(pool, outputs, pooled);
  const mask = maskOf(outputs, pool);
  const bits = occupancyOf(
    outputs.map((value) => Math.max(value, 0)),
    w.batch,
    pool.channels,
  );
  const [xSquares, dySquares, xBits] = known(w, x, dy, pool.channels);
  return { ...variant, x, dy, inputs: [x, pooled, mask, tableOf(pool), xSquares!, dySquares!, xBits!, bits] };
}

/** With t = 0 the transform's numbers stay. x and dy are NaN, which no kernel may read. */
export function withoutTerms(w: Window, outChannels: number): GradientOperands {
  const [x, dy] = [w.batch * imageLength(w), rowsOf(w) * outChannels].map((length) =>
    new Float32Array(length).fill(NaN),
  ) as [Float32Array, Float32Array];
  const squares = [w.channels, outChannels].map((channels) => new Float32Array(channels).fill(1));
  return { masked: false, bits: false, x, dy, inputs: [x, dy, NONE, NONE, ...squares, NONE, NONE] };
}

/** No buffer. */
const NONE = new Int32Array(1);

/** xSquares, dySquares, xBits, dyBits. */
function known(w: Window, x: Float32Array, dy: Float32Array, outChannels: number): Values[] {
  return [
    channelSquaresOf(x, w.channels),
    channelSquaresOf(dy, outChannels),
    occupancyOf(x, w.batch, w.channels),
    occupancyOf(dy, w.batch, outChannels),
  ];
}

type Addresses = [
  x: number,
  dy: number,
  mask: number,
  pool: number,
  xSquares: number,
  dySquares: number,
  xBits: number,
  dyBits: number,
];

/** The kernels' arguments, where the inputs have been placed. */
export function gradientArguments({ masked, bits }: GradientVariant, placed: readonly number[]): Addresses {
  const [x, dy, mask, pool, xSquares, dySquares, xBits, dyBits] = placed as Addresses;
  return [x, dy, masked ? mask : 0, masked ? pool : 0, xSquares, dySquares, bits ? xBits : 0, bits ? dyBits : 0];
}
