import { checkAtLeast, checkAtMost, checkCall, checkInput, checkOutput } from "../contract";
import { checkGeometry, Geometry, positionsOf } from "../conv/geometry";
import {
  checkOwnTerms,
  largestOf,
  limitsOf,
  nearColumns,
  neededOf,
  normOfTile,
  recomputePixel,
  unsureColumns,
  windowAt,
} from "../conv/own-terms";
import { magnitudesOfImage } from "../conv/window-magnitudes";
import { at, loadLanes, storeLanes } from "../math/lanes";
import { limitsAt, lineAt, lineFromRow, PLANES, rowsFromPlanes, SCALE, SCRATCH_FLOATS } from "./spectrum";
import { checkTiling, columnsFrom, firstColumn, firstRow, imagesFrom, rowsFrom, Tiling, tilesOfImage } from "./tiling";
import { TWIDDLES } from "./transforms";

// Transforms a tile's spectrum back to the outputs of sixteen channels and adds a bias to each channel; with relu it
// takes max(., 0). Recomputes outputs that may be rounding alone from their own terms (../conv/own-terms.ts), before
// bias and relu.
//
//   y         [batch, outHeight, outWidth, channels], the whole tensor; this call writes the sixteen channels from
//             firstChannel on, or those that are left, of its tiles
//   m         [tiles][382 planes, see spectrum.ts][16]
//   x         [images, inHeight, inWidth, inChannels], the chunk that V was made of
//   filter    [filterHeight, filterWidth, inChannels, channels], the filter that U was made of
//   bias      [channels], or address 0 for none
//   windows   windowMagnitudes of x
//   weights   filterMagnitudes of the filter
//   t, error  see ../conv/own-terms.ts
//   geometry, tiling, twiddles, scratch   as in input-transform.ts
//
// All buffers are 4-byte aligned and no two overlap. NaN in, NaN out. The kernel transforms columns first, then rows.
// The range is tiles, counted from firstImage.
export function fftOutput(
  y: usize,
  m: usize,
  x: usize,
  filter: usize,
  bias: usize,
  windows: usize,
  weights: usize,
  geometry: usize,
  tiling: usize,
  twiddles: usize,
  channels: i32,
  firstChannel: i32,
  relu: i32,
  t: f32,
  error: f32,
  firstImage: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const cuts = changetype<Tiling>(tiling);
  if (!ASC_NO_ASSERT) {
    checkCall("fftOutput", begin, end, (g.batch - firstImage) * tilesOfImage(cuts));
    checkGeometry(g);
    checkTiling(cuts, g);
    checkAtLeast("firstChannel", firstChannel, 0);
    checkAtMost("firstChannel", firstChannel, channels - 1);
    const first = begin / tilesOfImage(cuts);
    const images = imagesFrom(cuts, begin, end);
    const size = positionsOf(g) * channels;
    checkOutput("y", at(y, (firstImage + first) * size), images * size);
    checkOutput("scratch", scratch, SCRATCH_FLOATS);
    checkInput("m", at(m, begin * 16 * PLANES), (end - begin) * 16 * PLANES);
    checkInput("twiddles", twiddles, TWIDDLES);
    checkOwnTerms(g, x, filter, bias, windows, weights, channels, first, images);
  }
  const count = min<i32>(16, channels - firstChannel);
  const taps = at(filter, firstChannel);
  const biases = bias ? at(bias, firstChannel) : 0;
  const inverses = at(weights, firstChannel);
  const padded = (channels + 15) & ~15;
  const mostSmall = largestOf(at(inverses, padded), 16);
  const weightNorms = at(inverses, 2 * padded);
  const pixel = (<usize>channels) << 2;
  const imageSize = g.inHeight * g.inWidth * g.inChannels;
  const limits = limitsAt(scratch);
  const line = lineAt(scratch);
  for (let tile = begin; tile < end; tile++) {
    const image = tile / tilesOfImage(cuts);
    const row = firstRow(cuts, tile);
    const column = firstColumn(cuts, tile);
    const rows = rowsFrom(cuts, g, row);
    const columns = columnsFrom(cuts, g, column);
    const pixels = at(x, image * imageSize);
    const magnitudes = at(windows, image * magnitudesOfImage(g));
    const norm = normOfTile(magnitudes, g, row - g.padTop, column - g.padLeft, 16, 16);
    const spectrum = at(m, tile * 16 * PLANES);
    let to = at(y, (((firstImage + image) * g.outHeight + row) * g.outWidth + column) * channels + firstChannel);
    limitsOf(limits, weightNorms, norm, t, error);
    const needed = neededOf(limits, inverses);
    rowsFromPlanes(scratch, spectrum, 64, twiddles);
    for (let i = 0; i < rows; i++, to += pixel * <usize>g.outWidth) {
      lineFromRow(scratch, i, twiddles);
      const near = storePixels(to, pixel, line, columns, biases, relu, count, at(limits, 16));
      const oy = row + i;
      let unsure = unsureColumns(magnitudes, g, oy, column, columns, needed, mostSmall);
      if (near) unsure |= nearColumns(line, SCALE, columns, limits, biases, count);
      for (; unsure; unsure &= unsure - 1) {
        const j = ctz(unsure);
        const sums = line + ((<usize>j) << 6);
        const p = to + <usize>j * pixel;
        const ox = column + j;
        // prettier-ignore
        const window = windowAt(magnitudes, g, oy, ox);
        recomputePixel(p, sums, SCALE, window, limits, pixels, taps, biases, relu, g, oy, ox, channels, count);
      }
    }
  }
}

// Stores the outputs of a line with their bias and relu. Returns whether one of them, plus its bias, is smaller than
// its channel's error.
function storePixels(
  to: usize,
  pixel: usize,
  from: usize,
  columns: i32,
  bias: usize,
  relu: i32,
  count: i32,
  errors: usize,
): bool {
  if (count < 16) return storeFewer(to, pixel, from, columns, bias, relu, count, errors);
  const scale = f32x4.splat(SCALE);
  const none = f32x4.splat(0);
  const least = f32x4.splat(relu ? 0 : -Infinity);
  const bias0 = bias ? v128.load(bias) : none;
  const bias1 = bias ? v128.load(bias, 16) : none;
  const bias2 = bias ? v128.load(bias, 32) : none;
  const bias3 = bias ? v128.load(bias, 48) : none;
  let size0 = f32x4.splat(Infinity);
  let size1 = size0;
  let size2 = size0;
  let size3 = size0;
  for (let j = 0; j < columns; j++, to += pixel, from += 64) {
    const sum0 = f32x4.add(f32x4.mul(scale, v128.load(from)), bias0);
    v128.store(to, f32x4.pmax(sum0, least));
    size0 = f32x4.pmin(size0, f32x4.abs(sum0));
    const sum1 = f32x4.add(f32x4.mul(scale, v128.load(from, 16)), bias1);
    v128.store(to, f32x4.pmax(sum1, least), 16);
    size1 = f32x4.pmin(size1, f32x4.abs(sum1));
    const sum2 = f32x4.add(f32x4.mul(scale, v128.load(from, 32)), bias2);
    v128.store(to, f32x4.pmax(sum2, least), 32);
    size2 = f32x4.pmin(size2, f32x4.abs(sum2));
    const sum3 = f32x4.add(f32x4.mul(scale, v128.load(from, 48)), bias3);
    v128.store(to, f32x4.pmax(sum3, least), 48);
    size3 = f32x4.pmin(size3, f32x4.abs(sum3));
  }
  const near01 = v128.or(f32x4.lt(size0, v128.load(errors)), f32x4.lt(size1, v128.load(errors, 16)));
  const near23 = v128.or(f32x4.lt(size2, v128.load(errors, 32)), f32x4.lt(size3, v128.load(errors, 48)));
  return v128.any_true(v128.or(near01, near23));
}

// The same for fewer than 16 channels.
function storeFewer(
  to: usize,
  pixel: usize,
  from: usize,
  columns: i32,
  bias: usize,
  relu: i32,
  count: i32,
  errors: usize,
): bool {
  const scale = f32x4.splat(SCALE);
  const least = f32x4.splat(relu ? 0 : -Infinity);
  let near = f32x4.splat(0);
  for (let j = 0; j < columns; j++, to += pixel, from += 64) {
    for (let c = 0; c < count; c += 4) {
      const biases = bias ? loadLanes(at(bias, c), count - c) : f32x4.splat(0);
      const sum = f32x4.add(f32x4.mul(scale, v128.load(at(from, c))), biases);
      storeLanes(at(to, c), f32x4.pmax(sum, least), count - c);
      near = v128.or(near, f32x4.lt(f32x4.abs(sum), v128.load(at(errors, c))));
    }
  }
  return v128.any_true(near);
}
