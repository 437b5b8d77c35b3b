import { checkAtLeast, checkSize } from "../contract";

// The geometry of a window that moves over an image. The compiler writes this table to memory: 12 i32s, NHWC.
// Output position (oy, ox) sees the input rows oy * strideHeight - padTop + ky, 0 <= ky < filterHeight, and columns
// likewise. Rows and columns outside the image count as absent (0 in a convolution).
@unmanaged
export class Geometry {
  batch: i32;
  inHeight: i32;
  inWidth: i32;
  inChannels: i32;
  filterHeight: i32;
  filterWidth: i32;
  strideHeight: i32;
  strideWidth: i32;
  padTop: i32;
  padLeft: i32;
  outHeight: i32;
  outWidth: i32;
}

// Floats of an image before the window and after it (where the window makes inChannels), and of the patch it sees.
export function inImage(g: Geometry): i32 {
  return g.inHeight * g.inWidth * g.inChannels;
}

export function outImage(g: Geometry): i32 {
  return positionsOf(g) * g.inChannels;
}

export function patchOf(g: Geometry): i32 {
  return g.filterHeight * g.filterWidth * g.inChannels;
}

// Output positions of an image.
export function positionsOf(g: Geometry): i32 {
  return g.outHeight * g.outWidth;
}

// Checks what a geometry must hold (../contract.ts).
export function checkGeometry(g: Geometry): void {
  checkSize("batch", g.batch);
  checkSize("inHeight", g.inHeight);
  checkSize("inWidth", g.inWidth);
  checkSize("inChannels", g.inChannels);
  checkSize("filterHeight", g.filterHeight);
  checkSize("filterWidth", g.filterWidth);
  checkSize("strideHeight", g.strideHeight);
  checkSize("strideWidth", g.strideWidth);
  checkAtLeast("padTop", g.padTop, 0);
  checkAtLeast("padLeft", g.padLeft, 0);
  checkSize("outHeight", g.outHeight);
  checkSize("outWidth", g.outWidth);
}

// One axis of a window: the taps first <= k < last lie inside the image. There are none where last <= first.
export function firstInside(start: i32): i32 {
  return max<i32>(0, -start);
}

export function lastInside(start: i32, taps: i32, size: i32): i32 {
  return min<i32>(taps, size - start);
}

// One axis seen from an input position, where `position` is its coordinate + the padding before. The windows that cover
// it are first <= o <= last, and it is their tap position - o * stride. There are none where last < first.
export function firstWindow(position: i32, taps: i32, stride: i32): i32 {
  const past = position - taps;
  return past < 0 ? 0 : past / stride + 1;
}

export function lastWindow(position: i32, stride: i32, windows: i32): i32 {
  return min<i32>(windows - 1, position / stride);
}
