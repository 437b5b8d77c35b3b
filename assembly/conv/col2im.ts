import { at } from "../math/lanes";
import { endsBefore, firstWindow, Geometry, lastWindow, reaches } from "./geometry";
import { sumTaps } from "./tap-sums";

// The adjoint of im2col: dx[image, iy, ix, c] = Σ of the elements of columns that were copied from there.
//
//   dx       [batch, inHeight, inWidth, inChannels]; images firstImage + begin … firstImage + end are overwritten
//   columns  rows of the images from firstImage on: [outHeight, outWidth] rows an image, of [filterHeight, filterWidth, inChannels]
//
// 4-byte aligned; the buffers do not overlap. Gathered pixel by pixel, so that dx is written once: one chain from 0 per
// element, ascending (ky, kx). The range is local images.
export function col2im(dx: usize, columns: usize, geometry: usize, firstImage: i32, begin: i32, end: i32): void {
  const g = changetype<Geometry>(geometry);
  const line = g.inWidth * g.inChannels;
  const patch = g.filterHeight * g.filterWidth * g.inChannels;
  for (let image = begin; image < end; image++) {
    const rows = at(columns, image * g.outHeight * g.outWidth * patch);
    const pixels = at(dx, (firstImage + image) * g.inHeight * line);
    for (let iy = 0; iy < g.inHeight; iy++) gatherLine(at(pixels, iy * line), rows, g, patch, iy + g.padTop);
  }
}

// One input line; y is its coordinate with the padding above. The next tap down, ky + strideHeight, is that of the window
// above: a constant step back in columns, and likewise along the line.
function gatherLine(pixels: usize, rows: usize, g: Geometry, patch: i32, y: i32): void {
  const channels = g.inChannels;
  const rowStep = (g.strideHeight * g.filterWidth * channels - g.outWidth * patch) << 2;
  const tapStep = (g.strideWidth * channels - patch) << 2;
  const oy = lastWindow(y, g.strideHeight, g.outHeight);
  const tapRows = oy - firstWindow(y, g.filterHeight, g.strideHeight) + 1;
  const ky = y - oy * g.strideHeight;
  const first = at(rows, oy * g.outWidth * patch + ky * g.filterWidth * channels);
  let firstX = firstWindow(g.padLeft, g.filterWidth, g.strideWidth);
  let ox = lastWindow(g.padLeft, g.strideWidth, g.outWidth);
  for (let ix = 0; ix < g.inWidth; ix++) {
    const x = ix + g.padLeft;
    if (endsBefore(firstX, x, g.filterWidth, g.strideWidth)) firstX++;
    if (reaches(ox + 1, x, g.strideWidth, g.outWidth)) ox++;
    const kx = x - ox * g.strideWidth;
    const tap = at(first, ox * patch + kx * channels);
    sumTaps(at(pixels, ix * channels), tap, tapRows, ox - firstX + 1, rowStep, tapStep, channels, f32x4.splat(1));
  }
}
