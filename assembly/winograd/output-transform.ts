import { checkAtLeast, checkCall, checkInput, checkOutput, checkSize } from "../contract";
import { Geometry, positionsOf } from "../conv/geometry";
import { mayTransform, SLACK } from "../conv/norms";
import {
  checkOwnTerms,
  largestOf,
  LIMITS,
  limitsOf,
  normOfTile,
  recomputePixel,
  unsureColumns,
  windowAt,
} from "../conv/own-terms";
import { magnitudesOfImage } from "../conv/window-magnitudes";
import { at, loadLanes, storeLanes } from "../math/lanes";
import { outputLines, pixelLines } from "./five-points";
import {
  checkWindow,
  imagesFrom,
  outputColumns,
  outputRows,
  PLANES,
  POINTS,
  TILE,
  tilesAcross,
  tilesOfImage,
  unitOf,
} from "./tile";

// y = A^T M A for each tile of 4 x 4 outputs, plus a bias of each channel; with relu max(., 0) of it. Recomputes
// outputs that may be rounding alone from their own terms (../conv/own-terms.ts), before bias and relu.
//
//   y         [batch, outHeight, outWidth, channels], the whole tensor; the call writes its tiles, cropped to the
//             tensor
//   m         [25 planes][tiles][channels], with planeStride floats from one plane to the next; plane 5 j + i belongs
//             to row point i and column point j
//   x         [images, inHeight, inWidth, inChannels], the chunk that V was made of
//   filter    [2, 2, inChannels, channels], the filter that U was made of
//   bias      [channels], or address 0 for none
//   windows   windowMagnitudes of x
//   weights   filterMagnitudes of the filter
//   t, error  see ../conv/own-terms.ts; the error counts where there is a bias or relu
//   geometry  of the convolution, strides 1, of 2 x 2 taps
//   scratch   [4, 5, channels] and 40 floats, one buffer for each thread
//
// All buffers are 4-byte aligned and no two overlap. NaN in, NaN out. The kernel transforms the columns of a tile
// first, then its rows, and adds in the order that five-points.ts states. The range is tiles, counted from firstImage.
export function winogradOutput(
  y: usize,
  m: usize,
  x: usize,
  filter: usize,
  bias: usize,
  windows: usize,
  weights: usize,
  geometry: usize,
  channels: i32,
  relu: i32,
  t: f32,
  error: f32,
  planeStride: i32,
  firstImage: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const g = changetype<Geometry>(geometry);
  if (!ASC_NO_ASSERT) {
    checkCall("winogradOutput", begin, end, (g.batch - firstImage) * tilesOfImage(g));
    checkWindow(g);
    checkSize("channels", channels);
    checkAtLeast("planeStride", planeStride, end * channels);
    const first = begin / tilesOfImage(g);
    const images = imagesFrom(g, begin, end);
    const size = positionsOf(g) * channels;
    checkOutput("y", at(y, (firstImage + first) * size), images * size);
    checkOutput("scratch", scratch, TILE * POINTS * channels + LIMITS);
    checkInput("m", m, (PLANES - 1) * planeStride + end * channels);
    checkOwnTerms(g, x, filter, bias, windows, weights, channels, first, images);
  }
  const imageSize = g.inHeight * g.inWidth * g.inChannels;
  const plane = (<usize>planeStride) << 2;
  const limits = at(scratch, 20 * channels);
  const padded = (channels + 15) & ~15;
  const mostSmall = largestOf(at(weights, padded), padded);
  const mostWeights = largestOf(at(weights, 2 * padded), padded);
  const mostNeeded = t * SLACK * largestProduct(weights, at(weights, 2 * padded), padded);
  for (let tile = begin; tile < end; tile++) {
    const image = tile / tilesOfImage(g);
    const row = (tile % tilesOfImage(g)) / tilesAcross(g);
    const column = tile % tilesAcross(g);
    const rows = outputRows(g, row);
    const columns = outputColumns(g, column);
    const to = at(y, (((firstImage + image) * g.outHeight + 4 * row) * g.outWidth + 4 * column) * channels);
    const from = at(m, tile * channels);
    if (channels < 4) outputTile<f32>(to, from, g, rows, columns, channels, plane, scratch);
    else outputTile<v128>(to, from, g, rows, columns, channels, plane, scratch);
    const pixels = at(x, image * imageSize);
    const magnitudes = at(windows, image * magnitudesOfImage(g));
    const norm = normOfTile(magnitudes, g, 4 * row - g.padTop, 4 * column - g.padLeft, 5, 5);
    const needed = mayTransform(norm, mostWeights) ? mostNeeded * norm : Infinity;
    // prettier-ignore
    // prettier-ignore
    recomputeTile(
      to, scratch, limits, pixels, filter, bias, relu, magnitudes, weights, g, 4 * row, 4 * column, rows, columns,
      channels, needed, mostSmall, norm, t, error,
    );
  }
}

// The largest product of two numbers >= 0 at the same place, among `count` of them. A channel whose weights are all 0
// gives 0 times infinity, which does not count: its outputs are 0.
function largestProduct(a: usize, b: usize, count: i32): f32 {
  let most: f32 = 0;
  for (let i = 0; i < count; i++) {
    const product = load<f32>(at(a, i)) * load<f32>(at(b, i));
    if (product > most) most = product;
  }
  return most;
}

// Adds the bias to a tile and takes relu of it, where they follow, and recomputes what needs it, sixteen channels at a
// time.
function recomputeTile(
  y: usize,
  sums: usize,
  limits: usize,
  x: usize,
  filter: usize,
  bias: usize,
  relu: i32,
  magnitudes: usize,
  weights: usize,
  g: Geometry,
  row: i32,
  column: i32,
  rows: i32,
  columns: i32,
  channels: i32,
  needed: f32,
  mostSmall: f32,
  norm: f32,
  t: f32,
  error: f32,
): void {
  const finished = bias != 0 || relu != 0;
  const norms = at(weights, 2 * ((channels + 15) & ~15));
  for (let i = 0; i < rows; i++) {
    const oy = row + i;
    const unsure = unsureColumns(magnitudes, g, oy, column, columns, needed, mostSmall);
    if (!finished && !unsure) continue;
    for (let c = 0; c < channels; c += 16) {
      const count = min<i32>(16, channels - c);
      const biases = bias ? at(bias, c) : 0;
      const taps = at(filter, c);
      limitsOf(limits, at(norms, c), norm, t, finished ? error : 0);
      for (let j = 0; j < columns; j++) {
        const p = at(y, (i * g.outWidth + j) * channels + c);
        const near = finished && finishPixel(p, sums, biases, relu, at(limits, 16), count);
        if (!near && !((unsure >> j) & 1)) continue;
        const made = finished ? sums : p;
        const ox = column + j;
        const window = windowAt(magnitudes, g, oy, ox);
        recomputePixel(p, made, 1, window, limits, x, taps, biases, relu, g, oy, ox, channels, count);
      }
    }
  }
}

// Keeps the sums of a pixel, adds the bias, if there is one, and takes relu, if asked. Returns whether a biased sum is
// smaller than its error.
function finishPixel(y: usize, sums: usize, bias: usize, relu: i32, errors: usize, count: i32): bool {
  const least = f32x4.splat(relu ? 0 : -Infinity);
  let near = f32x4.splat(0);
  for (let c = 0; c < count; c += 4) {
    const left = count - c;
    const sum = loadLanes(at(y, c), left);
    v128.store(at(sums, c), sum);
    const biased = bias ? f32x4.add(sum, loadLanes(at(bias, c), left)) : sum;
    near = v128.or(near, f32x4.lt(f32x4.abs(biased), v128.load(at(errors, c))));
    storeLanes(at(y, c), f32x4.pmax(biased, least), left);
  }
  return v128.any_true(near);
}

// Makes the outputs of a tile from its products at m: columns, to [4, 5, channels] in scratch, then rows.
function outputTile<Moved>(
  y: usize,
  m: usize,
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
  pixelLines<Moved>(y, pixel, yRow, scratch, pixel, line, rows, columns, channels, unit);
}
