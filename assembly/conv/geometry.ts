// The geometry table of a window that moves over an image, as the compiler lays it in memory: 12 i32s, NHWC.
// Output position (oy, ox) sees the input rows oy * strideHeight - padTop + ky, 0 <= ky < filterHeight, and columns
// likewise; those outside the image count as absent (0 in a convolution).
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

// One axis of a window: taps first <= k < last lie inside the image. Empty where last <= first.
export function firstInside(start: i32): i32 {
  return max<i32>(0, -start);
}

export function lastInside(start: i32, taps: i32, size: i32): i32 {
  return min<i32>(taps, size - start);
}

// One axis seen from an input position, `position` = its coordinate + the padding before: the windows that cover it are
// first <= o <= last, and it is their tap position - o * stride. None where last < first.
export function firstWindow(position: i32, taps: i32, stride: i32): i32 {
  const past = position - taps;
  return past < 0 ? 0 : past / stride + 1;
}

export function lastWindow(position: i32, stride: i32, windows: i32): i32 {
  return min<i32>(windows - 1, position / stride);
}
