import type { Buffer } from "../../program/buffer.ts";
import type { Emitter } from "../../program/emitter.ts";
import type { WindowGeometry } from "../../window.ts";

/** A window's geometry as the convolution and pooling kernels read it: 12 integers. */
export function geometryTable(emit: Emitter, g: WindowGeometry): Buffer {
  return emit.integers([
    g.batch,
    g.inHeight,
    g.inWidth,
    g.inChannels,
    g.filterHeight,
    g.filterWidth,
    g.strideHeight,
    g.strideWidth,
    g.padTop,
    g.padLeft,
    g.outHeight,
    g.outWidth,
  ]);
}
