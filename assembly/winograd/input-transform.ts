import { Geometry } from "../conv/geometry";
import { copyRun, zeroRun } from "../conv/runs";
import { at } from "../math/lanes";
import { inputLineOfEight } from "./eight-points";
import { inputLineOfFive } from "./five-points";
import { firstColumn, firstRow, tilesOfImage, unitOf } from "./tile";

// V = B^T d B for each tile of 4 x 4 outputs, d the patch of alpha x alpha inputs that its outputs see, 0 outside the image.
//
//   v         [alpha * alpha planes][tile][inChannels], planes planeStride floats apart
//   x         [batch, inHeight, inWidth, inChannels], the whole tensor
//   geometry  of the convolution, strides 1; filterHeight = filterWidth decides alpha, 8 for 5 taps and 5 for 2
//
// Four-byte aligned; nothing overlaps. Columns of a patch first, then its rows, in place; each element by the order of
// additions that the points' file states. The range is tiles, counted from firstImage on.
export function winogradInput(
  v: usize,
  x: usize,
  geometry: usize,
  planeStride: i32,
  firstImage: i32,
  begin: i32,
  end: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const tilesPerImage = tilesOfImage(g);
  for (let tile = begin; tile < end; tile++) {
    const image = tile / tilesPerImage;
    const inImage = tile - image * tilesPerImage;
    const top = firstRow(g, inImage) - g.padTop;
    const left = firstColumn(g, inImage) - g.padLeft;
    const pixels = at(x, (((firstImage + image) * g.inHeight + top) * g.inWidth + left) * g.inChannels);
    transformPatch(at(v, tile * g.inChannels), pixels, g, top, left, (<usize>planeStride) << 2);
  }
}

// The patch whose first pixel, maybe outside the image, is at `pixels`, in row `top` and column `left`.
function transformPatch(to: usize, pixels: usize, g: Geometry, top: i32, left: i32, plane: usize): void {
  const size = g.filterHeight + 3;
  const line = plane * <usize>size;
  const pixelBytes = (<usize>g.inChannels) << 2;
  let column = to;
  for (let j = 0; j < size; j++, column += plane, pixels += pixelBytes) {
    if (<u32>(left + j) < <u32>g.inWidth) transformColumn(column, line, pixels, g, top);
    else for (let i = 0; i < size; i++) zeroRun(column + <usize>i * line, g.inChannels);
  }
  for (let i = 0; i < size; i++, to += line) inputLine(size, to, plane, to, plane, g.inChannels, unitOf(g));
}

// One column inside the image. Where it leaves the image above or below, it is laid out between zeros first.
function transformColumn(to: usize, line: usize, pixels: usize, g: Geometry, top: i32): void {
  const size = g.filterHeight + 3;
  const channels = g.inChannels;
  const rowBytes = (<usize>(g.inWidth * channels)) << 2;
  if (top >= 0 && top + size <= g.inHeight) {
    inputLine(size, to, line, pixels, rowBytes, channels, unitOf(g));
    return;
  }
  for (let i = 0; i < size; i++, pixels += rowBytes) {
    const p = to + <usize>i * line;
    if (<u32>(top + i) < <u32>g.inHeight) copyRun(p, pixels, channels);
    else zeroRun(p, channels);
  }
  inputLine(size, to, line, to, line, channels, unitOf(g));
}

function inputLine(size: i32, to: usize, toStep: usize, from: usize, fromStep: usize, channels: i32, unit: f32): void {
  if (size == 8) inputLineOfEight(to, toStep, from, fromStep, channels, unit);
  else inputLineOfFive(to, toStep, from, fromStep, channels, unit);
}
