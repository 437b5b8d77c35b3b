import { Geometry } from "../conv/geometry";
import { copyRun, zeroRun } from "../conv/runs";
import { at } from "../math/lanes";
import { inputLinesOfEight } from "./eight-points";
import { inputLinesOfFive } from "./five-points";
import { firstColumn, firstRow, tilesAcross, tilesOfImage, unitOf } from "./tile";

// V = B^T d B for each tile of 4 x 4 outputs, d the patch of alpha x alpha inputs that its outputs see, 0 outside the image.
//
//   v         [alpha * alpha planes][tile][inChannels], planes planeStride floats apart
//   x         [batch, inHeight, inWidth, inChannels], the whole tensor
//   geometry  of the convolution, strides 1; filterHeight = filterWidth decides alpha, 8 for 5 taps and 5 for 2
//   scratch   [3, alpha, 4, inChannels], one for each thread
//
// Four-byte aligned; nothing overlaps. Columns of a patch first, then its rows; each element by the order of additions that
// the points' file states. The range is tiles, counted from firstImage on.
//
// A tile sees four columns and the first of the next four, which are its neighbour's: B^T of each four is made once, and kept
// in scratch, as [alpha, 4, inChannels], from one tile of a row to the next.
export function winogradInput(
  v: usize,
  x: usize,
  geometry: usize,
  planeStride: i32,
  firstImage: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const tilesPerImage = tilesOfImage(g);
  const across = tilesAcross(g);
  for (let tile = begin; tile < end;) {
    const image = tile / tilesPerImage;
    const inImage = tile - image * tilesPerImage;
    const tiles = min<i32>(across - (inImage % across), end - tile);
    const top = firstRow(g, inImage) - g.padTop;
    const left = firstColumn(g, inImage) - g.padLeft;
    const pixels = at(x, (((firstImage + image) * g.inHeight + top) * g.inWidth + left) * g.inChannels);
    transformTiles(at(v, tile * g.inChannels), pixels, g, top, left, tiles, (<usize>planeStride) << 2, scratch);
    tile += tiles;
  }
}

// Neighbours in a row of tiles. The first pixel of the first one's patch, maybe outside the image, is at `pixels`, in row `top`
// and column `left`.
function transformTiles(
  to: usize,
  pixels: usize,
  g: Geometry,
  top: i32,
  left: i32,
  tiles: i32,
  plane: usize,
  scratch: usize,
): void {
  const size = g.filterHeight + 3;
  const pixel = (<usize>g.inChannels) << 2;
  const row = 4 * pixel;
  const four = <usize>size * row;
  const inside = scratch + 2 * four;
  let these = scratch;
  let next = scratch + four;
  transformColumns(these, pixels, g, top, left, inside);
  for (; tiles > 0; tiles--, to += pixel) {
    left += 4;
    pixels += row;
    transformColumns(next, pixels, g, top, left, inside);
    inputLines(size, to, plane, <usize>size * plane, these, next, pixel, row, size, g.inChannels, unitOf(g));
    const spare = these;
    these = next;
    next = spare;
  }
}

// B^T of four columns; those outside the image are 0. Where they leave it above or below, they are laid out at `inside` first,
// as [alpha, 4, inChannels], between zeros.
function transformColumns(to: usize, pixels: usize, g: Geometry, top: i32, left: i32, inside: usize): void {
  const size = g.filterHeight + 3;
  const channels = g.inChannels;
  const first = max<i32>(0, -left);
  const columns = min<i32>(4, g.inWidth - left) - first;
  if (columns < 4) zeroRun(to, size * 4 * channels);
  if (columns <= 0) return;
  const pixel = (<usize>channels) << 2;
  const row = 4 * pixel;
  let from = pixels + <usize>first * pixel;
  let fromRow = <usize>g.inWidth * pixel;
  if (top < 0 || top + size > g.inHeight) {
    layOut(inside, from, g, top, columns * channels);
    from = inside;
    fromRow = row;
  }
  const rest = from + 4 * fromRow;
  inputLines(size, to + <usize>first * pixel, row, pixel, from, rest, fromRow, pixel, columns, channels, unitOf(g));
}

// `count` floats of each of a patch's rows, zeros where it is outside the image.
function layOut(to: usize, from: usize, g: Geometry, top: i32, count: i32): void {
  const size = g.filterHeight + 3;
  for (let i = 0; i < size; i++) {
    const p = at(to, i * 4 * g.inChannels);
    if (<u32>(top + i) < <u32>g.inHeight) copyRun(p, at(from, i * g.inWidth * g.inChannels), count);
    else zeroRun(p, count);
  }
}

function inputLines(
  size: i32,
  to: usize,
  toStep: usize,
  toNext: usize,
  from: usize,
  rest: usize,
  fromStep: usize,
  fromNext: usize,
  lines: i32,
  channels: i32,
  unit: f32,
): void {
  if (size == 8) inputLinesOfEight(to, toStep, toNext, from, rest, fromStep, fromNext, lines, channels, unit);
  else inputLinesOfFive(to, toStep, toNext, from, rest, fromStep, fromNext, lines, channels, unit);
}
