import type { WindowGeometry } from "../../../src/engine/window.ts";

/** The geometry of the convolution of dy by the flipped filter that computes dx, given that of the convolution of x. */
export function flippedGeometry(g: WindowGeometry, outChannels: number): WindowGeometry {
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
