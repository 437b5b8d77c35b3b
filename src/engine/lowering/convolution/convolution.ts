// A convolution's three passes, and the choice of their algorithm. All algorithms have the same interface:
//
//   patches.ts    a matrix product on gathered patches: any window, any strides
//   winograd.ts   fewer multiplications, for windows of 2×2 that move pixel by pixel
//   fft.ts        fewer still, for larger windows that move pixel by pixel
import type { Buffer } from "../../program/buffer.ts";
import type { Emitter } from "../../program/emitter.ts";
import type { WindowGeometry } from "../../window.ts";
import type { Epilogue } from "./epilogue.ts";
import type { Source, Target } from "./images.ts";
import * as fft from "./fft.ts";
import * as patches from "./patches.ts";
import * as winograd from "./winograd.ts";

/** y = x ∗ filter, then the epilogue.  filter [filterHeight, filterWidth, inChannels, outChannels]. */
export function emitConvolution(
  emit: Emitter,
  y: Target,
  x: Source,
  filter: Buffer,
  g: WindowGeometry,
  epilogue?: Epilogue,
): void {
  ALGORITHMS[algorithmOf(g, outChannelsOf(filter))].emitConvolution(emit, y, x, filter, g, epilogue);
}

/** dFilter from x and dy. On request the finished sum is added to what dFilter holds. */
export function emitFilterGradient(
  emit: Emitter,
  dFilter: Buffer,
  x: Source,
  dy: Source,
  g: WindowGeometry,
  accumulate: boolean,
): void {
  ALGORITHMS[algorithmOf(g, outChannelsOf(dFilter))].emitFilterGradient(emit, dFilter, x, dy, g, accumulate);
}

/**
 * dx from dy, the adjoint of emitConvolution in x, then the epilogue. With stride 1 it is a convolution of dy by the
 * flipped filter. With enough input channels to fill a register tile, that costs less than spreading patches.
 */
export function emitInputGradient(
  emit: Emitter,
  dx: Target,
  dy: Source,
  filter: Buffer,
  g: WindowGeometry,
  epilogue?: Epilogue,
): void {
  if (isFlipped(g)) {
    const flippedG = flippedGeometry(g, outChannelsOf(filter));
    emitConvolution(emit, dx, dy, flipped(emit, filter, g), flippedG, epilogue);
  } else {
    patches.emitScatteredPatches(emit, dx, dy, filter, g, epilogue);
  }
}

/** The algorithm for the input gradient. */
export function algorithmOfInputGradient(g: WindowGeometry, outChannels: number): Algorithm {
  return isFlipped(g) ? algorithmOf(flippedGeometry(g, outChannels), g.inChannels) : "patches";
}

/** True if the input gradient is a convolution by the flipped filter. */
function isFlipped({ strideHeight, strideWidth, inChannels }: WindowGeometry): boolean {
  return strideHeight === 1 && strideWidth === 1 && inChannels >= LEAST_CHANNELS;
}

/** Number of channels that fill a register tile. */
const LEAST_CHANNELS = 16;

/** The algorithms of a convolution. */
export type Algorithm = "patches" | "winograd" | "fft";

const ALGORITHMS = { patches, winograd, fft };

/** The one choice between the algorithms. It depends on the shape alone, and so do the bits. */
export function algorithmOf(g: WindowGeometry, outChannels: number): Algorithm {
  if (Math.min(g.inChannels, outChannels) < LEAST_CHANNELS) return "patches";
  if (winograd.supports(g)) return "winograd";
  return fft.supports(g, outChannels) ? "fft" : "patches";
}

/** True if whole images are made at a time, so that the epilogue can be applied to them in the cache. */
export function makesWholeImages(g: WindowGeometry, outChannels: number): boolean {
  return algorithmOf(g, outChannels) !== "patches" || patches.fitsChunk(g);
}

function flipped(emit: Emitter, filter: Buffer, g: WindowGeometry): Buffer {
  const { filterHeight, filterWidth, inChannels } = g;
  const outChannels = outChannelsOf(filter);
  return emit.derived(filter, `flipped ${filter.shape.join("x")}`, () => {
    const y = emit.scratch([filterHeight, filterWidth, outChannels, inChannels]);
    emit.call(
      "flipFilter",
      [y, filter, filterHeight, filterWidth, inChannels, outChannels],
      filterHeight * filterWidth,
    );
    return y;
  });
}

/** The geometry in which dy is the input and dx the output. */
function flippedGeometry(g: WindowGeometry, outChannels: number): WindowGeometry {
  return {
    ...g,
    inHeight: g.outHeight,
    inWidth: g.outWidth,
    inChannels: outChannels,
    padTop: g.filterHeight - 1 - g.padTop,
    padLeft: g.filterWidth - 1 - g.padLeft,
    outHeight: g.inHeight,
    outWidth: g.inWidth,
  };
}

function outChannelsOf(filter: Buffer): number {
  return filter.shape[3]!;
}
