import { Geometry } from "../conv/geometry";
import { at, loadLanes, storeLanes } from "../math/lanes";
import { endColumn, endRow, firstColumn, firstRow } from "./covering-windows";
import { lanesWith, storePlaces, wordsOf } from "./mask";

// partial[image, c] = sum of maskedAvgPoolGrad's dx over the image's pixels, without dx: the gradient of a bias before relu. One chain
// from 0, ascending (iy, ix).
//
//   partial  [batch, channels]
//   dy       [batch, outHeight, outWidth, channels]
//   mask     of the same batch (mask.ts)
//
// geometry, alignment and groups of channels as in masked-avg-pool.ts. The range is images.
export function maskedAvgPoolGradSums(
  partial: usize,
  dy: usize,
  mask: usize,
  geometry: usize,
  begin: i32,
  end: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const channels = g.inChannels;
  const words = wordsOf(channels);
  for (let image = begin; image < end; image++) {
    const sums = at(partial, image * channels);
    const from = at(dy, image * g.outHeight * g.outWidth * channels);
    const bits = at(mask, image * g.inHeight * g.inWidth * words);
    let c = 0;
    for (; c <= channels - 16; c += 16) sumSixteen(at(sums, c), at(from, c), bits + (c >> 3), g);
    for (; c < channels; c += 4) sumFour(at(sums, c), at(from, c), at(bits, c >> 5), c & 31, channels - c, g);
  }
}

// Of sixteen channels; mask: their half of the first word.
function sumSixteen(sums: usize, dy: usize, mask: usize, g: Geometry): void {
  const channels = g.inChannels;
  const words = wordsOf(channels);
  storePlaces(sums);
  const places0 = v128.load(sums);
  const places1 = v128.load(sums, 16);
  const places2 = v128.load(sums, 32);
  const places3 = v128.load(sums, 48);
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  let sum2 = f32x4.splat(0);
  let sum3 = f32x4.splat(0);
  for (let iy = 0; iy < g.inHeight; iy++) {
    const oy = (iy + g.padTop) / g.strideHeight;
    const rows = endRow(g, oy) - firstRow(g, oy);
    let from = at(dy, oy * g.outWidth * channels);
    let half = at(mask, iy * g.inWidth * words);
    for (let ox = 0; ox < g.outWidth; ox++, from += channels << 2) {
      const taps = endColumn(g, ox) - firstColumn(g, ox);
      const count = f32x4.splat(<f32>(rows * taps));
      const share0 = f32x4.div(v128.load(from), count);
      const share1 = f32x4.div(v128.load(from, 16), count);
      const share2 = f32x4.div(v128.load(from, 32), count);
      const share3 = f32x4.div(v128.load(from, 48), count);
      for (let kx = 0; kx < taps; kx++, half += words << 2) {
        const bits = v128.load16_splat(half);
        sum0 = f32x4.add(sum0, v128.and(share0, lanesWith(bits, places0)));
        sum1 = f32x4.add(sum1, v128.and(share1, lanesWith(bits, places1)));
        sum2 = f32x4.add(sum2, v128.and(share2, lanesWith(bits, places2)));
        sum3 = f32x4.add(sum3, v128.and(share3, lanesWith(bits, places3)));
      }
    }
  }
  v128.store(sums, sum0);
  v128.store(sums, sum1, 16);
  v128.store(sums, sum2, 32);
  v128.store(sums, sum3, 48);
}

// Of at most four channels.
function sumFour(sums: usize, dy: usize, mask: usize, place: i32, channelsLeft: i32, g: Geometry): void {
  const words = wordsOf(g.inChannels);
  const places = i32x4.shl(i32x4(1, 2, 4, 8), place);
  let sum = f32x4.splat(0);
  for (let iy = 0; iy < g.inHeight; iy++) {
    const oy = (iy + g.padTop) / g.strideHeight;
    const rows = endRow(g, oy) - firstRow(g, oy);
    let from = at(dy, oy * g.outWidth * g.inChannels);
    let word = at(mask, iy * g.inWidth * words);
    for (let ox = 0; ox < g.outWidth; ox++, from += g.inChannels << 2) {
      const taps = endColumn(g, ox) - firstColumn(g, ox);
      const share = f32x4.div(loadLanes(from, channelsLeft), f32x4.splat(<f32>(rows * taps)));
      for (let kx = 0; kx < taps; kx++, word += words << 2) {
        sum = f32x4.add(sum, v128.and(share, lanesWith(v128.load32_splat(word), places)));
      }
    }
  }
  storeLanes(sums, sum, channelsLeft);
}
