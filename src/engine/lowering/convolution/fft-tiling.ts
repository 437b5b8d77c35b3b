// The tiles of a convolution's outputs: the compiler's side of assembly/fft/tiling.ts.
import type { Buffer } from "../../program/buffer.ts";
import type { Emitter } from "../../program/emitter.ts";
import type { WindowGeometry } from "../../window.ts";
import { POINTS } from "./fft-tables.ts";

/** Outputs of a tile, and tiles of an image. */
export interface Tiling {
  readonly height: number;
  readonly width: number;
  readonly down: number;
  readonly across: number;
}

/** Undefined if the filter is larger than a tile's window. */
export function tilingOf(g: WindowGeometry): Tiling | undefined {
  if (g.filterHeight > POINTS || g.filterWidth > POINTS) return undefined;
  const height = outputsOfTile(g.inHeight, g.filterHeight, g.padTop, g.outHeight);
  const width = outputsOfTile(g.inWidth, g.filterWidth, g.padLeft, g.outWidth);
  return { height, width, down: Math.ceil(g.outHeight / height), across: Math.ceil(g.outWidth / width) };
}

/** Its table: 4 integers. */
export function tilingTable(emit: Emitter, { height, width, down, across }: Tiling): Buffer {
  return emit.integers([height, width, down, across]);
}

/**
 * Outputs of a tile along one axis. They are all outputs if the part of the window that wraps around sees only padding
 * before the image and padding after it. Otherwise they are the outputs before the window wraps.
 */
function outputsOfTile(inputs: number, taps: number, pad: number, outputs: number): number {
  const beforeWrap = POINTS - taps + 1;
  if (outputs <= beforeWrap) return outputs;
  const wraps = inputs + pad <= POINTS && outputs + taps - 1 - POINTS <= pad;
  return wraps ? outputs : beforeWrap;
}
