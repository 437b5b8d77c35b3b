import { Geometry } from "../conv/geometry";
import { doubtfulBelow, settleTile } from "../conv/settle-tile";
import { at, loadLanes, storeLanes } from "../math/lanes";
import { lineAt, lineFromRow, PLANES, rowsFromPlanes, SCALE, valuesAt } from "./spectrum";
import { columnsFrom, firstColumn, firstRow, rowsFrom, Tiling, tilesOfImage } from "./tiling";

// A tile's outputs of sixteen channels from their spectrum, plus a bias of each channel; with relu max(., 0) of it, settled first
// (../conv/settle-tile.ts).
//
//   y         [batch, outHeight, outWidth, channels], the whole tensor; of this call's tiles the sixteen channels from firstChannel
//             on, or what is left of them, are written
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
    if (relu && count == 16 && rectifyTile(to, line, pixel, rows, columns, biases, scratch, turns)) continue;
    storeTile(to, line, pixel, rows, columns, biases, count, scratch, turns);
    if (relu) settleTile(to, at(x, image * imageSize), taps, biases, g, row, column, rows, columns, channels, count);
  }
}

// relu of a tile's outputs, which was right if the answer is true: then none of them is doubtful.
function rectifyTile(
  to: usize,
  line: usize,
  pixel: usize,
  rows: i32,
  columns: i32,
  biases: usize,
  scratch: usize,
  turns: usize,
): bool {
  const sizes = valuesAt(scratch);
  for (let c: usize = 0; c < 64; c += 16) {
    v128.store(sizes + c, f32x4.splat(0));
    v128.store(sizes + c, f32x4.splat(Infinity), 64);
  }
  for (let i = 0; i < rows; i++, to += line) {
    lineFromRow(scratch, i, turns);
    rectifyPixels(to, pixel, lineAt(scratch), columns, biases, sizes);
  }
  let doubtful = f32x4.splat(0);
  for (let c: usize = 0; c < 64; c += 16) {
    doubtful = v128.or(doubtful, doubtfulBelow(v128.load(sizes + c), v128.load(sizes + c, 64)));
  }
  return !v128.any_true(doubtful);
}

// sizes: the largest and the smallest magnitude so far, of each channel.
function rectifyPixels(to: usize, pixel: usize, from: usize, columns: i32, biases: usize, sizes: usize): void {
  const scale = f32x4.splat(SCALE);
  const zero = f32x4.splat(0);
  for (let c: usize = 0; c < 64; c += 16) {
    const bias = biases ? v128.load(biases + c) : zero;
    let most = v128.load(sizes + c);
    let least = v128.load(sizes + c, 64);
    let p = to + c;
    let q = from + c;
    for (let j = 0; j < columns; j++, p += pixel, q += 64) {
      const sum = f32x4.add(f32x4.mul(scale, v128.load(q)), bias);
      const size = f32x4.abs(sum);
      most = f32x4.pmax(most, size);
      least = f32x4.pmin(least, size);
      v128.store(p, f32x4.pmax(sum, zero));
    }
    v128.store(sizes + c, most);
    v128.store(sizes + c, least, 64);
  }
}

function storeTile(
  to: usize,
  line: usize,
  pixel: usize,
  rows: i32,
  columns: i32,
  biases: usize,
  count: i32,
  scratch: usize,
  turns: usize,
): void {
  for (let i = 0; i < rows; i++, to += line) {
    lineFromRow(scratch, i, turns);
    storePixels(to, pixel, lineAt(scratch), columns, biases, count);
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
