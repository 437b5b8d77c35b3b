import { Geometry } from "../conv/geometry";
import { at } from "../math/lanes";
import { outputLinesOfEight, pixelLinesOfEight } from "./eight-points";
import { outputLinesOfFive, pixelLinesOfFive } from "./five-points";
import { settleTile } from "./settle-tile";
import { firstColumn, firstRow, tilesOfImage, unitOf } from "./tile";

// y = A^T M A for each tile of 4 x 4 outputs, plus a bias of each channel; with relu max(., 0) of it, settled first
// (settle-tile.ts).
//
//   y         [batch, outHeight, outWidth, channels], the whole tensor; this call's tiles are written, cropped to it
//   m         [alpha * alpha planes][tile][channels], planes planeStride floats apart
//   x         [images, inHeight, inWidth, inChannels] that V was made of, from this chunk's first image on; read with relu
//   filter    [filterHeight, filterWidth, inChannels, channels] that U was made of; read with relu
//   bias      [channels], or address 0 for none
//   geometry  of the convolution, strides 1; filterHeight = filterWidth decides alpha, 8 for 5 taps and 5 for 2
//   scratch   [4, alpha, channels], one for each thread
//
// Four-byte aligned; nothing overlaps. NaN in, NaN out. Columns of a tile first, then its rows; each element by the order
// of additions that the points' file states. The range is tiles, counted from firstImage on.
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
  const tilesPerImage = tilesOfImage(g);
  const imageSize = g.inHeight * g.inWidth * g.inChannels;
  for (let tile = begin; tile < end; tile++) {
    const image = tile / tilesPerImage;
    const inImage = tile - image * tilesPerImage;
    const oy = firstRow(g, inImage);
    const ox = firstColumn(g, inImage);
    const to = at(y, (((firstImage + image) * g.outHeight + oy) * g.outWidth + ox) * channels);
    outputTile(to, at(m, tile * channels), bias, g, oy, ox, channels, (<usize>planeStride) << 2, scratch);
    if (relu) settleTile(to, at(x, image * imageSize), filter, bias, g, oy, ox, channels);
  }
}

function outputTile(
  y: usize,
  m: usize,
  bias: usize,
  g: Geometry,
  oy: i32,
  ox: i32,
  channels: i32,
  plane: usize,
  scratch: usize,
): void {
  const size = g.filterHeight + 3;
  const unit = unitOf(g);
  const pixel = (<usize>channels) << 2;
  const line = <usize>size * pixel;
  const mLine = <usize>size * plane;
  const yRow = pixel * <usize>g.outWidth;
  const rows = min<i32>(g.outHeight - oy, 4);
  const columns = min<i32>(g.outWidth - ox, 4);
  if (size == 8) {
    outputLinesOfEight(scratch, line, pixel, m, mLine, plane, size, channels, unit);
    pixelLinesOfEight(y, pixel, yRow, scratch, pixel, line, bias, rows, columns, channels, unit);
  } else {
    outputLinesOfFive(scratch, line, pixel, m, mLine, plane, size, channels, unit);
    pixelLinesOfFive(y, pixel, yRow, scratch, pixel, line, bias, rows, columns, channels, unit);
  }
}
