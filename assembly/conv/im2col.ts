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
  const line = (firstRow + begin) / g.outWidth;
  let ox = firstRow + begin - line * g.outWidth;
  let image = line / g.outHeight;
  let oy = line - image * g.outHeight;
  for (let i = begin; i < end; i++) {
    copyPatch(at(columns, i * patch), at(x, image * imageSize), g, oy, ox);
    if (++ox < g.outWidth) continue;
    ox = 0;
    if (++oy < g.outHeight) continue;
    oy = 0;
    image++;
  }
}

function copyPatch(row: usize, image: usize, g: Geometry, oy: i32, ox: i32): void {
  const channels = g.inChannels;
  const run = g.filterWidth * channels;
  const top = oy * g.strideHeight - g.padTop;
  const left = ox * g.strideWidth - g.padLeft;
  const first = firstInside(left);
  const last = lastInside(left, g.filterWidth, g.inWidth);
  for (let ky = 0; ky < g.filterHeight; ky++) {
    const iy = top + ky;
    const to = at(row, ky * run);
    const from = at(image, (iy * g.inWidth + left) * channels);
    if (iy < 0 || iy >= g.inHeight || last <= first) zeroRun(to, run);
    else if (last - first == g.filterWidth) copyRun(to, from, run);
    else copyBetweenZeros(to, from, first * channels, last * channels, run);
  }
}

// to[i] = first <= i < last ? from[i] : 0, 0 <= i < run.
function copyBetweenZeros(to: usize, from: usize, first: i32, last: i32, run: i32): void {
  zeroRun(to, first);
  copyRun(at(to, first), at(from, first), last - first);
  zeroRun(at(to, last), run - last);
}
