import { checkAtLeast, checkCall, checkInput, checkOutput } from "../contract";
import { Geometry, inImage } from "../conv/geometry";
import { copyRun, zeroRun } from "../conv/runs";
import { at } from "../math/lanes";
import { inputLines } from "./five-points";
import { checkWindow, imagesFrom, PLANES, POINTS, TILE, tilesAcross, tilesOfImage, unitOf } from "./tile";

// V = B^T d B for each tile of 4 x 4 outputs, where d is the patch of 5 x 5 inputs that these outputs see, 0 outside
// the image.
//
//   v         [25 planes][tiles][inChannels], with planeStride floats from one plane to the next; plane 5 j + i belongs
//             to row point i and column point j
//   x         [batch, inHeight, inWidth, inChannels], the whole tensor
//   geometry  of the convolution, strides 1, of 2 x 2 taps
//   scratch   [3, 5, 4, inChannels], one buffer for each thread
//
// All buffers are 4-byte aligned and no two overlap. The kernel transforms the columns of a patch first, then its rows,
// and adds in the order that five-points.ts states. The range is tiles, counted from firstImage.
//
// A tile sees four columns and the first of the next four, which belong to its neighbour. The kernel makes B^T of each
// four once and keeps it in scratch, as [5, 4, inChannels], from one tile of a row to the next.
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
  if (!ASC_NO_ASSERT) {
    checkCall("winogradInput", begin, end, (g.batch - firstImage) * tilesOfImage(g));
    checkWindow(g);
    checkAtLeast("planeStride", planeStride, end * g.inChannels);
    const first = firstImage + begin / tilesOfImage(g);
    checkOutput("v", v, (PLANES - 1) * planeStride + end * g.inChannels);
    checkOutput("scratch", scratch, 3 * POINTS * TILE * g.inChannels);
    checkInput("x", at(x, first * inImage(g)), imagesFrom(g, begin, end) * inImage(g));
  }
  const across = tilesAcross(g);
  const plane = (<usize>planeStride) << 2;
  for (let tile = begin; tile < end;) {
    const image = tile / tilesOfImage(g);
    const row = (tile % tilesOfImage(g)) / across;
    const column = tile % across;
    const count = min<i32>(across - column, end - tile);
    const to = at(v, tile * g.inChannels);
    const pixels = at(x, (firstImage + image) * g.inHeight * g.inWidth * g.inChannels);
    if (g.inChannels < 4) transformTiles<f32>(to, pixels, g, row, column, count, plane, scratch);
    else transformTiles<v128>(to, pixels, g, row, column, count, plane, scratch);
    tile += count;
  }
}

// Transforms `count` tiles from `column` on, in a row of tiles of the image at `pixels`.
function transformTiles<Moved>(
  to: usize,
  pixels: usize,
  g: Geometry,
  row: i32,
  column: i32,
  count: i32,
  plane: usize,
  scratch: usize,
): void {
  const channels = g.inChannels;
  const pixel = (<usize>channels) << 2;
  const line = 4 * pixel;
  const inside = scratch + 10 * line;
  const top = 4 * row - g.padTop;
  let left = 4 * column - g.padLeft;
  let these = scratch;
  let next = scratch + 5 * line;
  transformColumns<Moved>(these, pixels, g, top, left, inside);
  for (; count > 0; count--, to += pixel) {
    left += 4;
    transformColumns<Moved>(next, pixels, g, top, left, inside);
    inputLines<Moved>(to, 5 * plane, plane, these, next, pixel, line, 5, channels, unitOf(g));
    const spare = these;
    these = next;
    next = spare;
  }
}

// B^T of four columns; those outside the image are 0. Where they leave it above or below, they are first copied to
// `inside`, as [5, 4, inChannels], between zeros.
function transformColumns<Moved>(to: usize, pixels: usize, g: Geometry, top: i32, left: i32, inside: usize): void {
  const channels = g.inChannels;
  const first = max<i32>(0, -left);
  const columns = min<i32>(4, g.inWidth - left) - first;
  if (columns < 4) zeroRun(to, 20 * channels);
  if (columns <= 0) return;
  const pixel = (<usize>channels) << 2;
  const row = 4 * pixel;
  let from = at(pixels, (top * g.inWidth + left + first) * channels);
  let fromRow = <usize>g.inWidth * pixel;
  if (top < 0 || top + 5 > g.inHeight) {
    layOut(inside, from, g, top, columns * channels);
    from = inside;
    fromRow = row;
  }
  to += <usize>first * pixel;
  inputLines<Moved>(to, row, pixel, from, from + 4 * fromRow, fromRow, pixel, columns, channels, unitOf(g));
}

// Copies `count` floats of each row of a patch; rows outside the image become zeros.
function layOut(to: usize, from: usize, g: Geometry, top: i32, count: i32): void {
  for (let i = 0; i < 5; i++) {
    const p = at(to, i * 4 * g.inChannels);
    if (<u32>(top + i) < <u32>g.inHeight) copyRun(p, at(from, i * g.inWidth * g.inChannels), count);
    else zeroRun(p, count);
  }
}
