import type { WindowGeometry } from "../../../src/engine/window.ts";

/** Of the convolution of dy by the flipped filter that makes dx, given that of x that made y. */
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
