// The operands of a convolution's outputs, for the tests of the kernels that read them.
import type { Values } from "../support/kernel-memory.ts";
import { filterMagnitudesOf, magnitudesLength, windowMagnitudesOf } from "./own-terms.ts";
import { imageLength, type Window } from "./windows.ts";

/** Floats that readers of window magnitudes may load past the end. */
const MORE = 4;

/** The arguments of the kernels beside the products. */
export interface OutputOperands {
  /** x from the call's first image on, the filter, a bias, the magnitudes of both. */
  readonly inputs: readonly Values[];
  /** Whether the bias is added. */
  readonly bias: boolean;
  readonly relu: boolean;
  readonly t: number;
  readonly error: number;
}

/** Whether a bias is added, whether the sum is rectified. */
export type Epilogue = Pick<OutputOperands, "bias" | "relu">;

/** A window of x and a filter, with their magnitudes, and the t and error that decide what is recomputed. */
export function outputOperands(
  w: Window,
  firstImage: number,
  { x, filter, bias }: Record<"x" | "filter" | "bias", Float32Array>,
  epilogue: Epilogue,
  { t, error }: Pick<OutputOperands, "t" | "error">,
): OutputOperands {
  const windows = windowMagnitudesOf(w, x, firstImage, MORE);
  const images = x.subarray(firstImage * imageLength(w));
  return { ...epilogue, t, error, inputs: [images, filter, bias, windows, filterMagnitudesOf(filter, bias.length)] };
}

/** Magnitudes by which every output stays as it is. x and the filter are NaN, which no kernel may read. */
export function withoutTerms(w: Window, bias: Float32Array, epilogue: Epilogue): OutputOperands {
  const x = new Float32Array(w.batch * imageLength(w)).fill(NaN);
  const filter = new Float32Array(w.filterHeight * w.filterWidth * w.channels * bias.length).fill(NaN);
  const windows = new Float32Array(w.batch * magnitudesLength(w) + MORE);
  const weights = new Float32Array(3 * 16 * Math.ceil(bias.length / 16));
  return { ...epilogue, t: 0, error: 0, inputs: [x, filter, bias, windows, weights] };
}
