// Convolutions in tiles, for the tests of the FFT kernels.
import { Emitter } from "../../src/engine/program/emitter.ts";
import { SCRATCH_FLOATS, twiddleTable } from "../../src/engine/lowering/convolution/fft-tables.ts";
import { tilingOf, type Tiling } from "../../src/engine/lowering/convolution/fft-tiling.ts";
import { gradientArguments, type GradientOperands } from "./gradient-operands.ts";
import type { OutputOperands } from "./output-operands.ts";
import type { Tile } from "./own-terms.ts";
import type { KernelCall } from "./recomputation.ts";
import { labelOf, tableOf, windowOf, type Window } from "./windows.ts";

/** A convolution as the compiler cuts it into tiles. */
export interface Convolution {
  readonly w: Window;
  readonly outChannels: number;
  readonly tiling: Tiling;
}

type Shape = [number, number, number, number];

/** "full" sees every pixel through every tap: the input gradient of a "valid" convolution. */
export function convolutionOf(
  shape: Shape,
  filter: [height: number, width: number],
  outChannels: number,
  padding: "same" | "valid" | "full",
): Convolution {
  const sized = windowOf(shape, filter, [1, 1], padding === "full" ? "same" : padding);
  const [more, moreAcross] = [filter[0] - 1, filter[1] - 1];
  const full = {
    padTop: more,
    padLeft: moreAcross,
    outHeight: sized.inHeight + more,
    outWidth: sized.inWidth + moreAcross,
  };
  const w = padding === "full" ? { ...sized, ...full } : sized;
  return { w, outChannels, tiling: tilingOf({ ...w, inChannels: w.channels })! };
}

/**
 * One tile, one that wraps around, the largest that do, several with a last one that is cut short; filters even, oblong
 * and large; channels near a block.
 */
export const convolutions: readonly Convolution[] = [
  convolutionOf([1, 1, 1, 16], [5, 5], 1, "same"),
  convolutionOf([2, 14, 14, 16], [5, 5], 16, "same"),
  convolutionOf([1, 15, 13, 17], [3, 3], 18, "same"),
  convolutionOf([1, 13, 14, 33], [4, 6], 15, "same"),
  convolutionOf([2, 16, 5, 16], [3, 1], 5, "valid"),
  convolutionOf([2, 15, 18, 16], [5, 3], 20, "same"),
  convolutionOf([1, 29, 6, 16], [5, 5], 32, "same"),
  convolutionOf([1, 18, 17, 16], [16, 9], 3, "valid"),
  convolutionOf([1, 14, 15, 16], [4, 4], 2, "same"),
  convolutionOf([2, 10, 12, 16], [5, 5], 3, "full"),
  convolutionOf([1, 12, 13, 16], [5, 5], 1, "full"),
];

/** Floats between planes that no kernel may write. */
export const GAP = 3;

export const blocksOf = (channels: number): number => Math.ceil(channels / 16);
export const labelled = ({ w, outChannels }: Convolution): string => `${labelOf(w)} → ${outChannels}`;
export const tableOfTiling = ({ height, width, down, across }: Tiling): Int32Array =>
  Int32Array.of(height, width, down, across);
export const outputLength = ({ w, outChannels }: Convolution): number => w.outHeight * w.outWidth * outChannels;

/** All tiles from an image on, over (image, row, column). */
export function tilesOf({ w, tiling }: Convolution, firstImage = 0): Tile[] {
  const { height, width, down, across } = tiling;
  return Array.from({ length: (w.batch - firstImage) * down * across }, (_, tile) => {
    const [row, column] = [Math.floor((tile % (down * across)) / across) * height, (tile % across) * width];
    const [rows, columns] = [Math.min(height, w.outHeight - row), Math.min(width, w.outWidth - column)];
    return { image: firstImage + Math.floor(tile / (down * across)), row, column, rows, columns };
  });
}

/** The table that the compiler writes. */
export const twiddles: Float32Array = twiddlesOf();

function twiddlesOf(): Float32Array {
  const { resident } = twiddleTable(new Emitter()).storage;
  if (resident?.kind !== "table") throw new Error("the twiddle factors are no table");
  return Float32Array.from(resident.values);
}

/** A call of fftOutput for the sixteen channels from firstChannel on. */
export function outputCall(
  convolution: Convolution,
  [firstImage, firstChannel]: readonly [number, number],
  m: Float32Array,
  { inputs, bias, relu, t, error }: OutputOperands,
): KernelCall {
  const { w, outChannels, tiling } = convolution;
  return {
    inputs: [m, ...inputs, tableOf(w), tableOfTiling(tiling), twiddles],
    scratch: SCRATCH_FLOATS,
    extent: tilesOf(convolution, firstImage).length,
    run: (k, [to], [from, x, filter, biases, windows, weights, geometry, cuts, table, scratch], ...range) => {
      const sums = [to!, from!, x!, filter!, bias ? biases! : 0, windows!, weights!] as const;
      const sizes = [outChannels, firstChannel, Number(relu), t, error, firstImage] as const;
      k.fftOutput(...sums, geometry!, cuts!, table!, ...sizes, scratch!, ...range);
    },
  };
}

/** A call of fftFilterGrad; du has GAP floats between its planes. */
export function filterGradCall(
  { w, outChannels }: Convolution,
  du: Float32Array,
  operands: GradientOperands,
  accumulate: boolean,
  t: number,
): KernelCall {
  return {
    inputs: [du, tableOf(w), twiddles, ...operands.inputs],
    scratch: SCRATCH_FLOATS,
    extent: w.channels,
    run: (k, [to], [from, geometry, table, ...placed], ...range) => {
      const sizes = [outChannels, w.channels * 16 + GAP, Number(accumulate), t] as const;
      const terms = gradientArguments(operands, placed);
      k.fftFilterGrad(to!, from!, ...terms, geometry!, table!, ...sizes, placed.at(-1)!, ...range);
    },
  };
}
