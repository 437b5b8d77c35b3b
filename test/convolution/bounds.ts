// The allowed distance of a convolution from the exact sums, whatever algorithm computes it.
import type { Convolution, Sums } from "./exact-sums.ts";

/**
 * The one constant of all algorithms and passes: |error| ≤ c · 2⁻²³ · (k + 1) · Σ|xᵢwᵢ| over an output's own window,
 * where k is the number of products of a full window.
 */
export const OWN_TERMS_FACTOR = 16;

/** Constants of float32: the step at 1, the largest relative error of a rounding, and the least number above 0. */
const STEP = 2 ** -23;
export const ROUNDING: number = 2 ** -24;
const LEAST = 2 ** -149;

/** The expected result. Where the bound is 0, the numbers must be exactly these. */
export interface Bounded {
  readonly values: Float64Array;
  readonly bounds: Float64Array;
}

/**
 * The bounds of sums of k products each. Where all products are 0 the sum must be exact; elsewhere each may underflow.
 */
export function bounded({ values, sizes }: Sums, k: number): Bounded {
  const bounds = sizes.map((size) => (size === 0 ? 0 : OWN_TERMS_FACTOR * STEP * (k + 1) * size + (k + 1) * LEAST));
  return { values, bounds };
}

/** Products of a full window, pass by pass. */
export function forwardProducts({ g }: Convolution): number {
  return g.filterHeight * g.filterWidth * g.inChannels;
}

export function inputGradientProducts({ g, outChannels }: Convolution): number {
  return g.filterHeight * g.filterWidth * outChannels;
}

export function filterGradientProducts({ g }: Convolution): number {
  return g.batch * g.outHeight * g.outWidth;
}
