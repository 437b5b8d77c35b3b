import { Geometry } from "../conv/geometry";
import { at } from "../math/lanes";
import { outputLinesOfEight, pixelLinesOfEight } from "./eight-points";
import { outputLinesOfFive, pixelLinesOfFive } from "./five-points";
import { commonPoints, tileNumber } from "./planes";
import { settleTile } from "../conv/settle-tile";
import { outputLinesOfSix, pixelLinesOfSix } from "./six-points";
import { pointsAcross, pointsDown, tilesAcross, tilesOfImage, unitOf } from "./tile";

// y = A^T M A for each tile of 4 x 4 outputs, plus a bias of each channel; with relu max(., 0) of it, settled first
// (settle-tile.ts).
//
//   y         [batch, outHeight, outWidth, channels], the whole tensor; this call's tiles are written, cropped to it
//   m         [alpha * alpha planes, see planes.ts][tiles][channels], planes planeStride floats apart
//   x         [images, inHeight, inWidth, inChannels] that V was made of, from this chunk's first image on; read with relu
//   filter    [filterHeight, filterWidth, inChannels, channels] that U was made of; read with relu
//   bias      [channels], or address 0 for none
//   geometry  of the convolution, strides 1; filterHeight = filterWidth decides alpha, 8 for 5 taps and 5 for 2; it is 6 along
//             the short side of a tail (tile.ts)
//   scratch   [4, alpha, channels], one for each thread
//
// Four-byte aligned; nothing overlaps. NaN in, NaN out. With 5 taps rows of a tile first, then its columns; with 2 taps columns
// first; each element by the order of additions that the points' file states. `tiles` is how many the planes hold. The range is
// tiles, counted from firstImage on.
export function winogradOutput(
  y: usize,
  m: usize,
  x: usize,
  filter: usize,
  bias: usize,
  geometry: usize,
  channels: i32,
  relu: i32,
  tiles: i32,
  planeStride: i32,
  firstImage: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const tilesPerImage = tilesOfImage(g);
  const images = tiles / tilesPerImage;
  const imageSize = g.inHeight * g.inWidth * g.inChannels;
  const plane = (<usize>planeStride) << 2;
  for (let tile = begin; tile < end; tile++) {
    const image = tile / tilesPerImage;
    const inImage = tile - image * tilesPerImage;
    const row = inImage / tilesAcross(g);
    const column = inImage % tilesAcross(g);
    const to = at(y, (((firstImage + image) * g.outHeight + 4 * row) * g.outWidth + 4 * column) * channels);
    const from = at(m, tileNumber(g, images, image, row, column) * channels);
    if (channels < 4) outputTile<f32>(to, from, bias, g, row, column, channels, plane, scratch);
    else outputTile<v128>(to, from, bias, g, row, column, channels, plane, scratch);
    if (relu) settleTile(to, at(x, image * imageSize), filter, bias, g, 4 * row, 4 * column, min<i32>(4, g.outHeight - 4 * row), min<i32>(4, g.outWidth - 4 * column), channels, channels);
  }
}

// A tile's outputs, from its products at m on.
function outputTile<Moved>(
  y: usize,
  m: usize,
  bias: usize,
  g: Geometry,
  row: i32,
  column: i32,
  channels: i32,
  plane: usize,
  scratch: usize,
): void {
  if (g.filterHeight == 5) outputOfFiveTaps<Moved>(y, m, bias, g, row, column, channels, plane, scratch);
  else outputOfTwoTaps<Moved>(y, m, bias, g, row, column, channels, plane, scratch);
}

// Rows, to [points, 4, channels] in scratch, then columns.
function outputOfFiveTaps<Moved>(
  y: usize,
  m: usize,
  bias: usize,
  g: Geometry,
  row: i32,
  column: i32,
  channels: i32,
  plane: usize,
  scratch: usize,
): void {
  const unit = unitOf(g);
  const pixel = (<usize>channels) << 2;
  const line = 4 * pixel;
  const yRow = pixel * <usize>g.outWidth;
  const height = pointsDown(g, row);
  const width = pointsAcross(g, column);
  const rows = min<i32>(g.outHeight - 4 * row, 4);
  const columns = min<i32>(g.outWidth - 4 * column, 4);
  const common = commonPoints(8);
  const others = height - common;
  outputRows<Moved>(scratch, pixel, m, common, width, channels, plane, unit);
  m += <usize>(8 * common) * plane;
  outputRows<Moved>(scratch + <usize>common * line, pixel, m, others, width, channels, plane, unit);
  if (height == 8) pixelLinesOfEight<Moved>(y, yRow, pixel, scratch, line, pixel, bias, columns, rows, channels, unit);
  else pixelLinesOfSix<Moved>(y, yRow, pixel, scratch, line, pixel, bias, columns, rows, channels);
}

// A^T of the rows at `points` row points, in planes from m on.
function outputRows<Moved>(
  to: usize,
  pixel: usize,
  m: usize,
  points: i32,
  width: i32,
  channels: i32,
  plane: usize,
  unit: f32,
): void {
  const step = <usize>points * plane;
  if (width == 8) outputLinesOfEight<Moved>(to, pixel, 4 * pixel, m, step, plane, points, channels, unit);
  else outputLinesOfSix<Moved>(to, pixel, 4 * pixel, m, step, plane, points, channels);
}

// Columns, to [4, 5, channels] in scratch, then rows.
function outputOfTwoTaps<Moved>(
  y: usize,
  m: usize,
  bias: usize,
  g: Geometry,
  row: i32,
  column: i32,
  channels: i32,
  plane: usize,
  scratch: usize,
): void {
  const unit = unitOf(g);
  const pixel = (<usize>channels) << 2;
  const line = 5 * pixel;
  const rows = min<i32>(g.outHeight - 4 * row, 4);
  const columns = min<i32>(g.outWidth - 4 * column, 4);
  outputLinesOfFive<Moved>(scratch, line, pixel, m, plane, 5 * plane, 5, channels, unit);
  pixelLinesOfFive<Moved>(
    y,
    pixel,
    pixel * <usize>g.outWidth,
    scratch,
    pixel,
    line,
    bias,
    rows,
    columns,
    channels,
    unit,
  );
}
