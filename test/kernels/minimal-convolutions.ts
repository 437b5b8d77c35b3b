// Convolutions of 2×2 taps, for the tests of Winograd's kernels.
import { POSITIONS, tilesOf, type Convolution } from "../support/reference/winograd.ts";
import { gradientArguments, type GradientOperands } from "./gradient-operands.ts";
import type { OutputOperands } from "./output-operands.ts";
import type { Tile } from "./own-terms.ts";
import type { KernelCall } from "./recomputation.ts";
import { labelOf, tableOf, type Window, windowOf } from "./windows.ts";

type Padding = "same" | "valid" | "full";

/** "full" sees every pixel through every tap: the input gradient of a "valid" convolution. */
export function convolutionOf(
  shape: [number, number, number, number],
  outChannels: number,
  padding: Padding,
): Convolution {
  const w = windowOf(shape, [2, 2], [1, 1], padding === "full" ? "same" : padding);
  const full = { padTop: 1, padLeft: 1, outHeight: w.inHeight + 1, outWidth: w.inWidth + 1 };
  return { w: padding === "full" ? { ...w, ...full } : w, outChannels };
}

/** Outputs 1 to 14 in both directions, one tile or several, images smaller than the filter, channels near the lanes. */
export const convolutions: readonly Convolution[] = [
  convolutionOf([1, 1, 1, 1], 1, "same"),
  convolutionOf([2, 2, 3, 3], 4, "same"),
  convolutionOf([2, 3, 2, 4], 5, "same"),
  convolutionOf([3, 4, 4, 5], 1, "same"),
  convolutionOf([3, 5, 4, 3], 1, "same"),
  convolutionOf([2, 5, 6, 4], 3, "same"),
  convolutionOf([1, 6, 7, 50], 25, "same"),
  convolutionOf([1, 7, 12, 16], 17, "same"),
  convolutionOf([2, 8, 9, 17], 16, "same"),
  convolutionOf([2, 9, 7, 1], 5, "same"),
  convolutionOf([2, 10, 14, 4], 2, "same"),
  convolutionOf([1, 11, 13, 2], 6, "same"),
  convolutionOf([1, 5, 5, 17], 50, "valid"),
  convolutionOf([2, 2, 9, 3], 16, "valid"),
  convolutionOf([1, 10, 6, 50], 4, "valid"),
  convolutionOf([2, 10, 4, 1], 17, "valid"),
  convolutionOf([1, 9, 6, 16], 3, "valid"),
  convolutionOf([1, 15, 11, 6], 33, "valid"),
  convolutionOf([3, 13, 2, 7], 2, "valid"),
  convolutionOf([2, 1, 2, 4], 3, "full"),
  convolutionOf([2, 3, 4, 5], 3, "full"),
  convolutionOf([2, 7, 6, 5], 3, "full"),
];

/** Floats between planes that no kernel may write. */
export const GAP = 3;

/** The plane of a value among those of bothSides(): by columns. */
export const planeOf = (value: number): number => 5 * (value % 5) + Math.floor(value / 5);
export const panelsOf = (channels: number): number => Math.ceil(channels / 16);
export const outputLength = (w: Window, channels: number): number => w.outHeight * w.outWidth * channels;
export const labelled = ({ w, outChannels }: Convolution): string => `${labelOf(w)} → ${outChannels}`;

/** All tiles from an image on, and how many outputs each has inside. */
export function croppedTilesOf(w: Window, firstImage = 0): Tile[] {
  return tilesOf(w)
    .filter(({ image }) => image >= firstImage)
    .map((tile) => ({
      ...tile,
      rows: Math.min(4, w.outHeight - tile.row),
      columns: Math.min(4, w.outWidth - tile.column),
    }));
}

/** Floats of a plane of products, from an image on. */
export const productPlane = ({ w, outChannels }: Convolution, firstImage: number): number =>
  croppedTilesOf(w, firstImage).length * outChannels + GAP;

/** A call of winogradOutput; m has GAP floats between its planes. */
export function outputCall(
  convolution: Convolution,
  firstImage: number,
  m: Float32Array,
  { inputs, bias, relu, t, error }: OutputOperands,
): KernelCall {
  const { w, outChannels } = convolution;
  return {
    inputs: [m, ...inputs, tableOf(w)],
    scratch: 4 * 5 * outChannels + 40,
    extent: croppedTilesOf(w, firstImage).length,
    run: (k, [to], [from, x, filter, biases, windows, weights, geometry, lines], ...range) => {
      const sums = [to!, from!, x!, filter!, bias ? biases! : 0, windows!, weights!] as const;
      const sizes = [outChannels, Number(relu), t, error, productPlane(convolution, firstImage), firstImage] as const;
      k.winogradOutput(...sums, geometry!, ...sizes, lines!, ...range);
    },
  };
}

/** Floats of a plane of a filter gradient's products, and of a part of them. */
export const gradientPlane = ({ w, outChannels }: Convolution): number => w.channels * outChannels + GAP;
export const gradientPart = (convolution: Convolution): number => POSITIONS * gradientPlane(convolution) + GAP;

/** A call of winogradFilterGrad on this many parts. */
export function filterGradCall(
  convolution: Convolution,
  du: Float32Array,
  operands: GradientOperands,
  { parts, accumulate }: { readonly parts: number; readonly accumulate: boolean },
  t: number,
): KernelCall {
  const { w, outChannels } = convolution;
  return {
    inputs: [du, tableOf(w), ...operands.inputs],
    scratch: 64,
    extent: w.channels,
    run: (k, [to], [from, geometry, ...placed], ...range) => {
      const [plane, part] = [gradientPlane(convolution), gradientPart(convolution)];
      const sizes = [outChannels, plane, parts, part, Number(accumulate), t] as const;
      const terms = gradientArguments(operands, placed);
      k.winogradFilterGrad(to!, from!, ...terms, geometry!, ...sizes, placed.at(-1)!, ...range);
    },
  };
}
