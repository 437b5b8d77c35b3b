import { Geometry } from "../conv/geometry";
import { settleTile } from "../conv/settle-tile";
import { at } from "../math/lanes";
import { outputLines, pixelLines } from "./five-points";
import { outputColumns, outputRows, tilesAcross, tilesOfImage, unitOf } from "./tile";

// y = A^T M A for each tile of 4 x 4 outputs, plus a bias of each channel; with relu max(., 0) of it, settled first
// (../conv/settle-tile.ts).
//
//   y         [batch, outHeight, outWidth, channels], the whole tensor; this call's tiles are written, cropped to it
//   m         [25 planes][tiles][channels], planes planeStride floats apart; plane 5 j + i is that of row point i and column
//             point j
//   x         [images, inHeight, inWidth, inChannels] that V was made of, from this chunk's first image on; read with relu
//   filter    [2, 2, inChannels, channels] that U was made of; read with relu
//   bias      [channels], or address 0 for none
//   geometry  of the convolution, strides 1, of 2 x 2 taps
//   scratch   [4, 5, channels], one for each thread
//
// Four-byte aligned; nothing overlaps. NaN in, NaN out. Columns of a tile first, then its rows; each element by the order of
// additions that five-points.ts states. The range is tiles, counted from firstImage on.
export function winogradOutput(
  y: usize,
  m: usize,
  x: usize,
  filter: usize,
  bias: usize,
  geometry: usize,
  channels: i32,
  relu: i32,
  planeStride: i32,
  firstImage: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const imageSize = g.inHeight * g.inWidth * g.inChannels;
  const plane = (<usize>planeStride) << 2;
  for (let tile = begin; tile < end; tile++) {
    const image = tile / tilesOfImage(g);
    const row = (tile % tilesOfImage(g)) / tilesAcross(g);
    const column = tile % tilesAcross(g);
    const rows = outputRows(g, row);
    const columns = outputColumns(g, column);
    const to = at(y, (((firstImage + image) * g.outHeight + 4 * row) * g.outWidth + 4 * column) * channels);
    const from = at(m, tile * channels);
    if (channels < 4) outputTile<f32>(to, from, bias, g, rows, columns, channels, plane, scratch);
    else outputTile<v128>(to, from, bias, g, rows, columns, channels, plane, scratch);
    if (relu)
      settleTile(to, at(x, image * imageSize), filter, bias, g, 4 * row, 4 * column, rows, columns, channels, channels);
  }
}

// A tile's outputs, from its products at m on: columns, to [4, 5, channels] in scratch, then rows.
function outputTile<Moved>(
  y: usize,
  m: usize,
  bias: usize,
  g: Geometry,
  rows: i32,
  columns: i32,
  channels: i32,
  plane: usize,
  scratch: usize,
): void {
  const unit = unitOf(g);
  const pixel = (<usize>channels) << 2;
  const line = 5 * pixel;
  const yRow = pixel * <usize>g.outWidth;
  outputLines<Moved>(scratch, line, pixel, m, plane, 5 * plane, 5, channels, unit);
  pixelLines<Moved>(y, pixel, yRow, scratch, pixel, line, bias, rows, columns, channels, unit);
}
