import { firstInside, Geometry, lastInside } from "./geometry";
import { at, loadLanes } from "../math/lanes";
import { read, write } from "../math/moved";

// An output this small beside its channel's largest in the tile may be rounding's work alone: that is up to 2^-19 of it.
const DOUBTFUL: f32 = 1.0 / 131072.0;

// relu of a tile's outputs, after those so near to 0 that rounding may have chosen their side have been summed again, from
// the image and the filter in float64. Transforms round relative to all that a tile sees, of which its largest output is the
// measure taken here. That hardly shows in a number, but on the wrong side of 0 relu drops or lets through a whole path of
// gradients.
//
//   y         the tile's first output, rows x columns of them
//   x         the image; the tile's first output is that of its row oy and column ox
//   filter, bias   [filterHeight, filterWidth, inChannels, channels] and [channels], or address 0 for none
//   settled   how many of an output's channels this is about; y, filter and bias begin with the first of them
//
// Sums: one chain from 0 over (ky, kx, inChannel) inside the image, ascending, then the bias; rounded once. NaN stays NaN.
export function settleTile(
  y: usize,
  x: usize,
  filter: usize,
  bias: usize,
  g: Geometry,
  oy: i32,
  ox: i32,
  rows: i32,
  columns: i32,
  channels: i32,
  settled: i32,
): void {
  for (let c = 0; c < settled; c += 4) {
    const count = settled - c;
    const fours = at(y, c);
    const limit =
      count < 4
        ? doubtfulInTile<f32>(fours, g, channels, rows, columns, count)
        : doubtfulInTile<v128>(fours, g, channels, rows, columns, count);
    if (v128.any_true(limit)) {
      settleFour(fours, x, at(filter, c), bias ? at(bias, c) : 0, limit, g, oy, ox, rows, columns, channels, count);
    }
    if (count < 4) rectify<f32>(fours, g, channels, rows, columns, count);
    else rectify<v128>(fours, g, channels, rows, columns, count);
  }
}

// Below which size an output is doubtful, given the largest magnitude in a tile, for each of four channels; 0 where not even the
// least is.
export function doubtfulBelow(most: v128, least: v128): v128 {
  const limit = f32x4.mul(most, f32x4.splat(DOUBTFUL));
  return v128.and(limit, f32x4.lt(least, limit));
}

function doubtfulInTile<Moved>(y: usize, g: Geometry, channels: i32, rows: i32, columns: i32, count: i32): v128 {
  const pixel = (<usize>channels) << 2;
  let most = f32x4.splat(0);
  let least = f32x4.splat(Infinity);
  for (let i = 0; i < rows; i++, y += <usize>g.outWidth * pixel) {
    let p = y;
    for (let j = 0; j < columns; j++, p += pixel) {
      const size = f32x4.abs(read<Moved>(p, count));
      most = f32x4.pmax(most, size);
      least = f32x4.pmin(least, size);
    }
  }
  return doubtfulBelow(most, least);
}

// Sums those below the limit again. All addresses are at the first of the four channels.
function settleFour(
  y: usize,
  x: usize,
  filter: usize,
  bias: usize,
  limit: v128,
  g: Geometry,
  oy: i32,
  ox: i32,
  rows: i32,
  columns: i32,
  channels: i32,
  count: i32,
): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const to = at(y, (i * g.outWidth + j) * channels);
      const doubtful = i32x4.bitmask(f32x4.lt(f32x4.abs(loadLanes(to, count)), limit));
      for (let lane = 0; doubtful >> lane; lane++) {
        if (!((doubtful >> lane) & 1)) continue;
        const sum = sumAgain(x, at(filter, lane), g, oy + i, ox + j, channels);
        store<f32>(at(to, lane), <f32>(bias ? sum + <f64>load<f32>(at(bias, lane)) : sum));
      }
    }
  }
}

function rectify<Moved>(y: usize, g: Geometry, channels: i32, rows: i32, columns: i32, count: i32): void {
  const pixel = (<usize>channels) << 2;
  for (let i = 0; i < rows; i++, y += <usize>g.outWidth * pixel) {
    let p = y;
    for (let j = 0; j < columns; j++, p += pixel) {
      write<Moved>(p, f32x4.pmax(read<Moved>(p, count), f32x4.splat(0)), count);
    }
  }
}

// The sum of one output anew: x and the image as in settleTile, `taps` the filter at the output's channel.
function sumAgain(x: usize, taps: usize, g: Geometry, oy: i32, ox: i32, channels: i32): f64 {
  const top = oy - g.padTop;
  const left = ox - g.padLeft;
  const lastRow = lastInside(top, g.filterHeight, g.inHeight);
  const lastColumn = lastInside(left, g.filterWidth, g.inWidth);
  let sum: f64 = 0;
  for (let ky = firstInside(top); ky < lastRow; ky++) {
    for (let kx = firstInside(left); kx < lastColumn; kx++) {
      const pixel = at(x, ((top + ky) * g.inWidth + left + kx) * g.inChannels);
      if (isZero(pixel, g.inChannels)) continue;
      const weights = at(taps, (ky * g.filterWidth + kx) * g.inChannels * channels);
      for (let c = 0; c < g.inChannels; c++) {
        sum += <f64>load<f32>(at(pixel, c)) * <f64>load<f32>(at(weights, c * channels));
      }
    }
  }
  return sum;
}

// Where a picture is blank every output is doubtful: then nothing but zeros is looked at.
function isZero(pixel: usize, channels: i32): bool {
  for (let c = 0; c < channels; c += 4) {
    if (v128.any_true(f32x4.ne(loadLanes(at(pixel, c), channels - c), f32x4.splat(0)))) return false;
  }
  return true;
}
