// The convolutions of the sweep: some were chosen for their tiles, the others are random.
import { algorithmOf, type Algorithm } from "../../src/engine/lowering/convolution/convolution.ts";
import { tilingOf } from "../../src/engine/lowering/convolution/fft-tiling.ts";
import type { Padding } from "../../src/engine/shape.ts";
import { windowGeometry, windowOutput, type Pair, type WindowGeometry } from "../../src/engine/window.ts";
import { below } from "../support/random.ts";
import { flippedGeometry } from "../support/reference/flipped-geometry.ts";
import type { Convolution } from "./exact-sums.ts";
import type { ImageShape } from "./images.ts";
import type { FilterShape } from "./weights.ts";

/** A convolution with stride 1. */
export interface Geometry {
  readonly batch: number;
  readonly image: Pair;
  readonly window: Pair;
  readonly channels: readonly [inChannels: number, outChannels: number];
  readonly padding: Padding;
}

function geometry(
  batch: number,
  image: Pair,
  window: Pair,
  channels: readonly [number, number],
  padding: Padding = "same",
): Geometry {
  return { batch, image, window, channels, padding };
}

/**
 * The chosen geometries: FFTs with one tile, with one that wraps around, with several, with a last one that is cut off;
 * Winograd; patches.
 */
export const CHOSEN: readonly Geometry[] = [
  // One tile.
  geometry(1, [6, 6], [5, 5], [16, 16]),
  geometry(3, [6, 7], [5, 5], [17, 33]),
  geometry(2, [10, 10], [3, 3], [16, 16]),
  geometry(1, [12, 12], [5, 5], [16, 32], "valid"),
  geometry(1, [14, 14], [10, 10], [16, 16], "valid"),
  geometry(1, [14, 14], [11, 11], [16, 17], "valid"),
  // One tile that wraps around.
  geometry(1, [14, 14], [5, 5], [16, 16]),
  geometry(2, [14, 13], [4, 5], [17, 16]),
  geometry(1, [13, 13], [7, 7], [16, 16]),
  geometry(1, [11, 11], [11, 11], [16, 16]),
  geometry(1, [15, 15], [3, 3], [33, 16]),
  // Two or more tiles, which meet in the middle.
  geometry(1, [24, 24], [5, 5], [16, 16]),
  geometry(1, [28, 14], [3, 3], [16, 33]),
  geometry(1, [22, 22], [7, 7], [16, 16], "valid"),
  // The last tile is cut off.
  geometry(1, [17, 20], [3, 3], [17, 16]),
  geometry(1, [30, 18], [4, 4], [16, 16], "valid"),
  geometry(1, [4, 60], [3, 7], [16, 16]),
  geometry(1, [60, 5], [6, 3], [16, 17]),
  geometry(1, [28, 28], [5, 5], [16, 16]),
  // Winograd's tiles of 4×4, whole and cut off.
  geometry(1, [8, 8], [2, 2], [16, 16]),
  geometry(3, [9, 11], [2, 2], [33, 17], "valid"),
  geometry(1, [5, 4], [2, 2], [50, 25]),
  geometry(2, [14, 14], [2, 2], [16, 32]),
  geometry(1, [31, 22], [2, 2], [16, 16]),
  // Patches.
  geometry(2, [6, 6], [3, 3], [16, 16]),
  geometry(1, [28, 28], [5, 5], [1, 16]),
  geometry(1, [9, 30], [3, 3], [16, 1]),
  geometry(1, [20, 20], [11, 11], [16, 16], "valid"),
];

/** Large geometries. They take a while. */
export const CHOSEN_LARGE: readonly Geometry[] = [
  geometry(1, [14, 14], [5, 5], [128, 128]),
  geometry(2, [14, 14], [5, 5], [32, 64]),
  geometry(1, [60, 60], [3, 3], [16, 32]),
  geometry(1, [60, 44], [5, 5], [32, 16], "valid"),
  geometry(2, [28, 28], [2, 2], [64, 64]),
  geometry(1, [60, 60], [2, 2], [32, 32]),
  geometry(1, [12, 12], [3, 3], [64, 128]),
  geometry(1, [14, 14], [8, 8], [50, 25]),
];

const CHANNELS = [16, 16, 17, 24, 32, 33, 48, 64, 96, 128];

/** A random geometry whose forward pass this algorithm makes, with no more than this number of products. */
export function drawGeometry(random: () => number, algorithm: Algorithm, most: number): Geometry {
  for (;;) {
    const drawn = anyGeometry(random, algorithm);
    const fits = (axis: 0 | 1): boolean => drawn.padding === "same" || drawn.image[axis] >= drawn.window[axis];
    if (!fits(0) || !fits(1) || productsOf(drawn) > most) continue;
    if (algorithmsOf(drawn).forward === algorithm) return drawn;
  }
}

function anyGeometry(random: () => number, algorithm: Algorithm): Geometry {
  const windowSide = (): number => (algorithm === "winograd" ? 2 : 2 + below(random, 10));
  const height = windowSide();
  const width = random() < 0.6 ? height : windowSide();
  const side = (): number => Math.floor(4 * 15.25 ** random());
  const rows = side();
  const columns = random() < 0.5 ? rows : side();
  const ins = CHANNELS[below(random, CHANNELS.length)]!;
  const outs = random() < 0.1 ? Math.floor(ins / 2) : CHANNELS[below(random, CHANNELS.length)]!;
  const padding = random() < 0.6 ? "same" : "valid";
  return geometry(1 + below(random, 3), [rows, columns], [height, width], [ins, outs], padding);
}

export function xShapeOf({ batch, image, channels }: Geometry): ImageShape {
  return [batch, ...image, channels[0]];
}

export function filterShapeOf({ window, channels }: Geometry): FilterShape {
  return [...window, ...channels];
}

export function yShapeOf({ batch, image, window, channels, padding }: Geometry): ImageShape {
  const size = (axis: 0 | 1): number => windowOutput(image[axis], window[axis], 1, padding)!;
  return [batch, size(0), size(1), channels[1]];
}

export function convolutionOf(geometry: Geometry): Convolution {
  const { window, channels, padding } = geometry;
  const g = windowGeometry(xShapeOf(geometry), window, yShapeOf(geometry), { strides: [1, 1], padding });
  return { g, outChannels: channels[1] };
}

/** Products of the forward pass, most of them inside the image. */
export function productsOf(geometry: Geometry): number {
  const [batch, height, width, outs] = yShapeOf(geometry);
  return batch * height * width * outs * geometry.window[0] * geometry.window[1] * geometry.channels[0];
}

/** The algorithm that computes each pass. */
export function algorithmsOf(geometry: Geometry): { readonly forward: Algorithm; readonly inputGradient: Algorithm } {
  const { g, outChannels } = convolutionOf(geometry);
  return {
    forward: algorithmOf(g, outChannels),
    inputGradient: algorithmOf(flippedGeometry(g, outChannels), g.inChannels),
  };
}

/** The layout of the FFT's tiles, if the convolution is by an FFT. */
export type Tiles = "one tile" | "one tile that wraps" | "whole tiles" | "the last tile cut off";

export function tilesOf(g: WindowGeometry): Tiles | undefined {
  const tiling = tilingOf(g);
  if (tiling === undefined) return undefined;
  const { height, width, down, across } = tiling;
  if (g.outHeight % height !== 0 || g.outWidth % width !== 0) return "the last tile cut off";
  if (down * across > 1) return "whole tiles";
  return height > 17 - g.filterHeight || width > 17 - g.filterWidth ? "one tile that wraps" : "one tile";
}

/** The geometry in words: 5×5 on 2·14×14, 16→32, same, fft. */
export function labelOf(geometry: Geometry): string {
  const { batch, image, window, channels, padding } = geometry;
  const { forward, inputGradient } = algorithmsOf(geometry);
  const algorithms = forward === inputGradient ? forward : `${forward}, dx ${inputGradient}`;
  return `${window.join("×")} on ${batch}·${image.join("×")}, ${channels.join("→")}, ${padding}, ${algorithms}`;
}
