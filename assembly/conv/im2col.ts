import { checkAtLeast, checkCall, checkInput, checkOutput } from "../contract";
import { at } from "../math/lanes";
import { checkGeometry, firstInside, Geometry, inImage, lastInside, patchOf, positionsOf } from "./geometry";
import { copyRuns, zeroRun } from "./runs";

// columns[i] = the patch that output position number firstRow + i sees. Positions are counted over (image, oy, ox).
//
//   x        [batch, inHeight, inWidth, inChannels]
//   columns  a row per position: [filterHeight, filterWidth, inChannels], 0 where the window is outside the image
//
//   row:  | ky = 0: 0 0 x x x | ky = 1: 0 0 x x x | …     a filter row is one contiguous run of the image between zeros
//
// All buffers are 4-byte aligned and do not overlap. The kernel moves bits and computes nothing. The range is rows i.
export function im2col(columns: usize, x: usize, geometry: usize, firstRow: i32, begin: i32, end: i32): void {
  const g = changetype<Geometry>(geometry);
  if (!ASC_NO_ASSERT) {
    checkCall("im2col", begin, end, g.batch * positionsOf(g) - firstRow);
    checkGeometry(g);
    checkAtLeast("firstRow", firstRow, 0);
    const firstImage = (firstRow + begin) / positionsOf(g);
    const images = begin == end ? 0 : (firstRow + end - 1) / positionsOf(g) + 1 - firstImage;
    checkOutput("columns", at(columns, begin * patchOf(g)), (end - begin) * patchOf(g));
    checkInput("x", at(x, firstImage * inImage(g)), images * inImage(g));
  }
  const patch = g.filterHeight * g.filterWidth * g.inChannels;
  const imageSize = g.inHeight * g.inWidth * g.inChannels;
  for (let i = begin; i < end;) {
    const line = (firstRow + i) / g.outWidth;
    const ox = firstRow + i - line * g.outWidth;
    const image = line / g.outHeight;
    const oy = line - image * g.outHeight;
    const count = min<i32>(g.outWidth - ox, end - i);
    gatherLine(at(columns, i * patch), at(x, image * imageSize), g, patch, oy, ox, count);
    i += count;
  }
}

// Gathers the patches of `count` neighbours in one output line. Where a window leaves the image, its patch is zeroed
// before the pixels inside are copied. The neighbours first <= i < last have all columns of their windows inside.
function gatherLine(rows: usize, image: usize, g: Geometry, patch: i32, oy: i32, ox: i32, count: i32): void {
  const stride = g.strideWidth;
  const top = oy * g.strideHeight - g.padTop;
  const left = ox * stride - g.padLeft;
  const ky = firstInside(top);
  const lines = lastInside(top, g.filterHeight, g.inHeight) - ky;
  const first = min<i32>((firstInside(left) + stride - 1) / stride, count);
  const last = max<i32>(first, min<i32>((g.inWidth - g.filterWidth - left + stride) / stride, count));
  const isCut = lines < g.filterHeight;
  zeroRun(rows, (isCut ? count : first) * patch);
  if (!isCut) zeroRun(at(rows, last * patch), (count - last) * patch);

  const line = g.inWidth * g.inChannels;
  const step = stride * g.inChannels;
  const run = g.filterWidth * g.inChannels;
  const to = at(rows, ky * run);
  const from = at(image, (top + ky) * line + left * g.inChannels);
  for (let k = 0; k < lines; k++) {
    copyRuns(at(to, first * patch + k * run), patch, at(from, first * step + k * line), step, last - first, run);
  }
  for (let i = 0; i < first; i++) copyEdge(at(to, i * patch), at(from, i * step), g, lines, left + i * stride);
  for (let i = last; i < count; i++) copyEdge(at(to, i * patch), at(from, i * step), g, lines, left + i * stride);
}

// Copies the part inside the image of some filter rows, which begin in its column `left`.
function copyEdge(to: usize, from: usize, g: Geometry, lines: i32, left: i32): void {
  const channels = g.inChannels;
  const first = firstInside(left) * channels;
  const count = lastInside(left, g.filterWidth, g.inWidth) * channels - first;
  if (count <= 0) return;
  copyRuns(at(to, first), g.filterWidth * channels, at(from, first), g.inWidth * channels, lines, count);
}
