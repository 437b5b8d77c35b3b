import { at } from "../math/lanes";
import { firstInside, Geometry, lastInside } from "./geometry";
import { copyRun, zeroRun } from "./runs";

// columns[i] = the patch that output position number firstRow + i sees; positions run over (image, oy, ox).
//
//   x        [batch, inHeight, inWidth, inChannels]
//   columns  a row per position: [filterHeight, filterWidth, inChannels], 0 where the window is outside the image
//
//   row:  | ky = 0: 0 0 x x x | ky = 1: 0 0 x x x | …     a filter row is one contiguous run of the image between zeros
//
// 4-byte aligned; the buffers do not overlap. Bits are moved, nothing is computed. The range is local rows i.
export function im2col(columns: usize, x: usize, geometry: usize, firstRow: i32, begin: i32, end: i32): void {
  const g = changetype<Geometry>(geometry);
  const patch = g.filterHeight * g.filterWidth * g.inChannels;
  const imageSize = g.inHeight * g.inWidth * g.inChannels;
  for (let i = begin; i < end;) {
    const line = (firstRow + i) / g.outWidth;
    const ox = firstRow + i - line * g.outWidth;
    const image = line / g.outHeight;
    const oy = line - image * g.outHeight;
    const count = min<i32>(g.outWidth - ox, end - i);
    copyLine(at(columns, i * patch), at(x, image * imageSize), g, patch, oy, ox, count);
    i += count;
  }
}

// The patches of `count` neighbours in one output line, filter row by filter row.
function copyLine(rows: usize, image: usize, g: Geometry, patch: i32, oy: i32, ox: i32, count: i32): void {
  const channels = g.inChannels;
  const width = g.inWidth;
  const taps = g.filterWidth;
  const stride = g.strideWidth;
  const start = ox * stride - g.padLeft;
  for (let ky = 0; ky < g.filterHeight; ky++) {
    const iy = oy * g.strideHeight - g.padTop + ky;
    const from = at(image, iy * width * channels);
    const inside = iy >= 0 && iy < g.inHeight;
    let to = at(rows, ky * taps * channels);
    for (let i = 0, left = start; i < count; i++, left += stride, to += patch << 2) {
      if (!inside) zeroRun(to, taps * channels);
      else if (left >= 0 && left + taps <= width) copyRun(to, at(from, left * channels), taps * channels);
      else copyEdge(to, from, left, taps, width, channels);
    }
  }
}

// A filter row that leaves the image at the left, the right or both.
function copyEdge(to: usize, from: usize, left: i32, taps: i32, width: i32, channels: i32): void {
  const first = min<i32>(firstInside(left), taps);
  const last = max<i32>(lastInside(left, taps, width), first);
  zeroRun(to, first * channels);
  copyRun(at(to, first * channels), at(from, (left + first) * channels), (last - first) * channels);
  zeroRun(at(to, last * channels), (taps - last) * channels);
}
