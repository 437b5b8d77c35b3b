import { Geometry } from "../conv/geometry";
import { settleTile } from "../conv/settle-tile";
import { at, loadLanes, storeLanes } from "../math/lanes";
import { lineAt, lineFromRow, PLANES, rowsFromPlanes, SCALE } from "./spectrum";
import { columnsFrom, firstColumn, firstRow, rowsFrom, Tiling, tilesOfImage } from "./tiling";

// A tile's outputs of sixteen channels from their spectrum, plus a bias of each channel; with relu max(., 0) of it, settled first
// (../conv/settle-tile.ts).
//
//   y         [batch, outHeight, outWidth, channels], the whole tensor; this call's tiles are written, channels firstChannel to firstChannel + 15 of them
//   m         [tiles][382 planes, see spectrum.ts][16]
//   x         [images, inHeight, inWidth, inChannels] that V was made of, from this chunk's first image on; read with relu
//   filter    [filterHeight, filterWidth, inChannels, channels] that U was made of; read with relu
//   bias      [channels], or address 0 for none
//   all else  as in input-transform.ts
//
// Four-byte aligned; nothing overlaps. NaN in, NaN out. Columns first, then rows. The range is tiles, counted from firstImage on.
export function fourierOutput(
  y: usize,
  m: usize,
  x: usize,
  filter: usize,
  bias: usize,
  geometry: usize,
  tiling: usize,
  turns: usize,
  channels: i32,
  firstChannel: i32,
  relu: i32,
  firstImage: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const t = changetype<Tiling>(tiling);
  const count = min<i32>(16, channels - firstChannel);
  const taps = at(filter, firstChannel);
  const biases = bias ? at(bias, firstChannel) : 0;
  const pixel = (<usize>channels) << 2;
  const line = <usize>g.outWidth * pixel;
  const imageSize = g.inHeight * g.inWidth * g.inChannels;
  for (let tile = begin; tile < end; tile++) {
    const image = tile / tilesOfImage(t);
    const row = firstRow(t, tile);
    const column = firstColumn(t, tile);
    const rows = rowsFrom(t, g, row);
    const columns = columnsFrom(t, g, column);
    const to = at(y, (((firstImage + image) * g.outHeight + row) * g.outWidth + column) * channels + firstChannel);
    rowsFromPlanes(scratch, at(m, tile * 16 * PLANES), 64, turns);
    let p = to;
    for (let i = 0; i < rows; i++, p += line) {
      lineFromRow(scratch, i, turns);
      storePixels(p, pixel, lineAt(scratch), columns, biases, count);
    }
    if (relu) settleTile(to, at(x, image * imageSize), taps, biases, g, row, column, rows, columns, channels, count);
  }
}

function storePixels(to: usize, pixel: usize, from: usize, columns: i32, bias: usize, count: i32): void {
  if (count < 16) {
    storeFewer(to, pixel, from, columns, bias, count);
    return;
  }
  const scale = f32x4.splat(SCALE);
  const none = f32x4.splat(0);
  const bias0 = bias ? v128.load(bias) : none;
  const bias1 = bias ? v128.load(bias, 16) : none;
  const bias2 = bias ? v128.load(bias, 32) : none;
  const bias3 = bias ? v128.load(bias, 48) : none;
  for (let j = 0; j < columns; j++, to += pixel, from += 64) {
    v128.store(to, f32x4.add(f32x4.mul(scale, v128.load(from)), bias0));
    v128.store(to, f32x4.add(f32x4.mul(scale, v128.load(from, 16)), bias1), 16);
    v128.store(to, f32x4.add(f32x4.mul(scale, v128.load(from, 32)), bias2), 32);
    v128.store(to, f32x4.add(f32x4.mul(scale, v128.load(from, 48)), bias3), 48);
  }
}

// Of fewer than 16 channels.
function storeFewer(to: usize, pixel: usize, from: usize, columns: i32, bias: usize, count: i32): void {
  const scale = f32x4.splat(SCALE);
  for (let j = 0; j < columns; j++, to += pixel, from += 64) {
    for (let c = 0; c < count; c += 4) {
      const biases = bias ? loadLanes(at(bias, c), count - c) : f32x4.splat(0);
      storeLanes(at(to, c), f32x4.add(f32x4.mul(scale, v128.load(at(from, c))), biases), count - c);
    }
  }
}
