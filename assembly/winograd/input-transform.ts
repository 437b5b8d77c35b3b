import { Geometry } from "../conv/geometry";
import { copyRun, zeroRun } from "../conv/runs";
import { at } from "../math/lanes";
import { inputLinesOfEight } from "./eight-points";
import { inputLinesOfFive } from "./five-points";
import { commonPoints, tileNumber } from "./planes";
import { inputLinesOfSix } from "./six-points";
import { pointsAcross, pointsDown, tilesAcross, tilesOfImage, unitOf } from "./tile";

// V = B^T d B for each tile of 4 x 4 outputs, d the patch of alpha x alpha inputs that its outputs see, 0 outside the image.
//
//   v         [alpha * alpha planes, see planes.ts][tiles][inChannels], planes planeStride floats apart
//   x         [batch, inHeight, inWidth, inChannels], the whole tensor
//   geometry  of the convolution, strides 1; filterHeight = filterWidth decides alpha, 8 for 5 taps and 5 for 2; it is 6 along
//             the short side of a tail (tile.ts)
//   scratch   [3, alpha, 4, inChannels], one for each thread
//
// Four-byte aligned; nothing overlaps. Columns of a patch first, then its rows; each element by the order of additions that
// the points' file states. `tiles` is how many the planes hold. The range is tiles, counted from firstImage on.
//
// A tile sees four columns and the first of the next four, which are its neighbour's: B^T of each four is made once, and kept
// in scratch, as [alpha, 4, inChannels], from one tile of a row to the next.
export function winogradInput(
  v: usize,
  x: usize,
  geometry: usize,
  tiles: i32,
  planeStride: i32,
  firstImage: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const tilesPerImage = tilesOfImage(g);
  const across = tilesAcross(g);
  const images = tiles / tilesPerImage;
  const plane = (<usize>planeStride) << 2;
  for (let tile = begin; tile < end;) {
    const image = tile / tilesPerImage;
    const inImage = tile - image * tilesPerImage;
    const row = inImage / across;
    const column = inImage - row * across;
    const last = min<i32>(across, column + end - tile);
    const pixels = at(x, (firstImage + image) * g.inHeight * g.inWidth * g.inChannels);
    transformTiles(v, pixels, g, images, image, row, column, last, plane, scratch);
    tile += last - column;
  }
}

// The tiles from `column` to before `last` in a row of tiles of an image, which starts at `pixels`.
function transformTiles(
  v: usize,
  pixels: usize,
  g: Geometry,
  images: i32,
  image: i32,
  row: i32,
  column: i32,
  last: i32,
  plane: usize,
  scratch: usize,
): void {
  const height = pointsDown(g, row);
  const four = (<usize>(height * 4 * g.inChannels)) << 2;
  const inside = scratch + 2 * four;
  const top = 4 * row - g.padTop;
  let left = 4 * column - g.padLeft;
  let these = scratch;
  let next = scratch + four;
  transformColumns(these, pixels, g, height, top, left, inside);
  for (; column < last; column++) {
    left += 4;
    transformColumns(next, pixels, g, height, top, left, inside);
    const to = at(v, tileNumber(g, images, image, row, column) * g.inChannels);
    transformRows(to, these, next, g, height, pointsAcross(g, column), plane);
    const spare = these;
    these = next;
    next = spare;
  }
}

// B^T of `height` points of four columns; those outside the image are 0. Where they leave it above or below, they are laid out
// at `inside` first, as [height, 4, inChannels], between zeros.
function transformColumns(
  to: usize,
  pixels: usize,
  g: Geometry,
  height: i32,
  top: i32,
  left: i32,
  inside: usize,
): void {
  const channels = g.inChannels;
  const first = max<i32>(0, -left);
  const columns = min<i32>(4, g.inWidth - left) - first;
  if (columns < 4) zeroRun(to, height * 4 * channels);
  if (columns <= 0) return;
  const pixel = (<usize>channels) << 2;
  const row = 4 * pixel;
  let from = at(pixels, (top * g.inWidth + left + first) * channels);
  let fromRow = <usize>g.inWidth * pixel;
  if (top < 0 || top + height > g.inHeight) {
    layOut(inside, from, g, height, top, columns * channels);
    from = inside;
    fromRow = row;
  }
  const rest = from + 4 * fromRow;
  inputLines(height, to + <usize>first * pixel, row, pixel, from, rest, fromRow, pixel, columns, channels, unitOf(g));
}

// `count` floats of each of a patch's rows, zeros where it is outside the image.
function layOut(to: usize, from: usize, g: Geometry, height: i32, top: i32, count: i32): void {
  for (let i = 0; i < height; i++) {
    const p = at(to, i * 4 * g.inChannels);
    if (<u32>(top + i) < <u32>g.inHeight) copyRun(p, at(from, i * g.inWidth * g.inChannels), count);
    else zeroRun(p, count);
  }
}

// The rows of a patch, `height` of them, at `width` points, to the tile's place in all its planes.
function transformRows(to: usize, these: usize, next: usize, g: Geometry, height: i32, width: i32, plane: usize): void {
  const size = g.filterHeight + 3;
  const common = commonPoints(size);
  const others = height - common;
  const pixel = (<usize>g.inChannels) << 2;
  const row = 4 * pixel;
  const step = <usize>common * plane;
  inputLines(width, to, step, plane, these, next, pixel, row, common, g.inChannels, unitOf(g));
  if (others <= 0) return;
  these += <usize>common * row;
  next += <usize>common * row;
  to += <usize>size * step;
  inputLines(width, to, <usize>others * plane, plane, these, next, pixel, row, others, g.inChannels, unitOf(g));
}

function inputLines(
  points: i32,
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
  if (channels < 4) linesOf<f32>(points, to, toStep, toNext, from, rest, fromStep, fromNext, lines, channels, unit);
  else linesOf<v128>(points, to, toStep, toNext, from, rest, fromStep, fromNext, lines, channels, unit);
}

function linesOf<Moved>(
  points: i32,
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
  if (points == 8) inputLinesOfEight<Moved>(to, toStep, toNext, from, rest, fromStep, fromNext, lines, channels, unit);
  else if (points == 6)
    inputLinesOfSix<Moved>(to, toStep, toNext, from, rest, fromStep, fromNext, lines, channels, unit);
  else inputLinesOfFive<Moved>(to, toStep, toNext, from, rest, fromStep, fromNext, lines, channels, unit);
}
