// Convolutions that have transforms, for the tests of Winograd's kernels.
import { fiveTaps, twoTaps, type Convolution, type MinimalFilter } from "../support/reference/winograd.ts";
import { labelOf, type Window, windowOf } from "./windows.ts";

type Padding = "same" | "valid" | "full";

/** "full" sees every pixel through every tap: the input gradient of a "valid" convolution. */
export function convolutionOf(
  shape: [number, number, number, number],
  outChannels: number,
  taps: 5 | 2,
  padding: Padding,
): Convolution {
  const w = windowOf(shape, [taps, taps], [1, 1], padding === "full" ? "same" : padding);
  const full = {
    padTop: taps - 1,
    padLeft: taps - 1,
    outHeight: w.inHeight + taps - 1,
    outWidth: w.inWidth + taps - 1,
  };
  return { w: padding === "full" ? { ...w, ...full } : w, outChannels, f: taps === 5 ? fiveTaps : twoTaps };
}

/** Outputs 1 to 14 in both directions, one tile and several, images smaller than the filter, channels near the lanes. */
export const convolutions: readonly Convolution[] = [
  convolutionOf([1, 1, 1, 1], 1, 5, "same"),
  convolutionOf([2, 2, 3, 3], 4, 5, "same"),
  convolutionOf([3, 4, 4, 5], 1, 5, "same"),
  convolutionOf([2, 5, 6, 4], 3, 5, "same"),
  convolutionOf([1, 8, 9, 16], 17, 5, "same"),
  convolutionOf([2, 9, 7, 1], 5, 5, "same"),
  convolutionOf([1, 8, 8, 17], 50, 5, "valid"),
  convolutionOf([2, 5, 12, 3], 16, 5, "valid"),
  convolutionOf([1, 13, 9, 50], 4, 5, "valid"),
  convolutionOf([2, 10, 14, 4], 2, 5, "same"),
  convolutionOf([2, 4, 3, 5], 3, 5, "full"),
  convolutionOf([1, 1, 1, 1], 1, 2, "same"),
  convolutionOf([2, 3, 2, 4], 5, 2, "same"),
  convolutionOf([3, 5, 4, 3], 1, 2, "same"),
  convolutionOf([1, 6, 7, 50], 25, 2, "same"),
  convolutionOf([2, 8, 9, 17], 16, 2, "same"),
  convolutionOf([2, 10, 4, 1], 17, 2, "valid"),
  convolutionOf([1, 9, 6, 16], 3, 2, "valid"),
  convolutionOf([2, 3, 4, 5], 3, 2, "full"),
];

/** Floats between planes that nobody may touch. */
export const GAP = 3;

export const positionsOf = (f: MinimalFilter): number => f.input.length ** 2;
export const panelsOf = (channels: number): number => Math.ceil(channels / 16);
export const outputLength = (w: Window, channels: number): number => w.outHeight * w.outWidth * channels;
export const labelled = ({ w, outChannels }: Convolution): string => `${labelOf(w)} → ${outChannels}`;
