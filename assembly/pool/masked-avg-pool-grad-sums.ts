import { checkCall, checkInput, checkOutput } from "../contract";
import { Geometry, outImage } from "../conv/geometry";
import { squareOf } from "../conv/norms";
import { at, loadLanes, storeLanes } from "../math/lanes";
import { BLOCK_ROWS, blocksOf } from "../reduce/row-sums";
import { checkCovering, endRow, firstRow } from "./covering-windows";
import { lanesWith, maskImage, storePlaces, wordsOf } from "./mask";

// partial[block, c] = sum of the dx of maskedAvgPoolGrad over a block of BLOCK_ROWS = 256 pixels, without dx: the
// gradient of a bias before relu. Pixels are counted through the batch, (image, iy, ix), as the rows of dx are. Blocks
// and order, one chain from 0 for each channel, pixels ascending, are those of columnSums on two channels or more, and
// so are the bits. sumAxis(outer 1, count blocks, inner channels) then sums the blocks.
//
//   partial  [ceil(batch * inHeight * inWidth / 256), channels]
//   dy       [batch, outHeight, outWidth, channels]
//   mask     of the same batch (mask.ts)
//   squares  whether to sum the squares (squareOf), as channelSquares does
//
// geometry, alignment and groups of channels are as in masked-avg-pool.ts. The range is blocks.
export function maskedAvgPoolGradSums(
  partial: usize,
  dy: usize,
  mask: usize,
  geometry: usize,
  squares: i32,
  begin: i32,
  end: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const channels = g.inChannels;
  const pixels = g.batch * g.inHeight * g.inWidth;
  if (!ASC_NO_ASSERT) {
    checkCall("maskedAvgPoolGradSums", begin, end, blocksOf(pixels));
    checkCovering(g);
    checkOutput("partial", partial, blocksOf(pixels) * channels);
    checkInput("dy", dy, g.batch * outImage(g));
    checkInput("mask", mask, g.batch * maskImage(g));
  }
  for (let block = begin; block < end; block++) {
    const sums = at(partial, block * channels);
    const first = block * BLOCK_ROWS;
    const last = min<i32>(first + BLOCK_ROWS, pixels);
    let c = 0;
    for (; c <= channels - 16; c += 16) sumSixteen(at(sums, c), at(dy, c), mask + (c >> 3), first, last, squares, g);
    for (; c < channels; c += 4) {
      sumFour(at(sums, c), at(dy, c), at(mask, c >> 5), c & 31, channels - c, first, last, squares, g);
    }
  }
}

// Sums sixteen channels over pixels first .. last - 1; `mask` is their half of the first word. Goes line by line
// through the block, and window by window through a line; the ends of the block may cut a window.
function sumSixteen(sums: usize, dy: usize, mask: usize, first: i32, last: i32, squares: i32, g: Geometry): void {
  const words = wordsOf(g.inChannels) << 2;
  const step = g.inChannels << 2;
  storePlaces(sums);
  const places0 = v128.load(sums);
  const places1 = v128.load(sums, 16);
  const places2 = v128.load(sums, 32);
  const places3 = v128.load(sums, 48);
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  let sum2 = f32x4.splat(0);
  let sum3 = f32x4.splat(0);
  let half = mask + <usize>first * words;
  let image = first / (g.inHeight * g.inWidth);
  let iy = first / g.inWidth - image * g.inHeight;
  let ix = first % g.inWidth;
  let ox = (ix + g.padLeft) / g.strideWidth;
  for (let rest = last - first; rest > 0;) {
    const oy = (iy + g.padTop) / g.strideHeight;
    const rows = endRow(g, oy) - firstRow(g, oy);
    const stop = min<i32>(g.inWidth, ix + rest);
    rest -= stop - ix;
    let from = at(dy, ((image * g.outHeight + oy) * g.outWidth + ox) * g.inChannels);
    for (let start = ox * g.strideWidth - g.padLeft; ix < stop; from += step) {
      const end = min<i32>(start + g.strideWidth, g.inWidth);
      const count = f32x4.splat(<f32>(rows * (end - max<i32>(start, 0))));
      start += g.strideWidth;
      let share0 = f32x4.div(v128.load(from), count);
      let share1 = f32x4.div(v128.load(from, 16), count);
      let share2 = f32x4.div(v128.load(from, 32), count);
      let share3 = f32x4.div(v128.load(from, 48), count);
      if (squares) {
        share0 = squareOf(share0);
        share1 = squareOf(share1);
        share2 = squareOf(share2);
        share3 = squareOf(share3);
      }
      for (const inside = min<i32>(end, stop); ix < inside; ix++, half += words) {
        const bits = v128.load16_splat(half);
        sum0 = f32x4.add(sum0, v128.and(share0, lanesWith(bits, places0)));
        sum1 = f32x4.add(sum1, v128.and(share1, lanesWith(bits, places1)));
        sum2 = f32x4.add(sum2, v128.and(share2, lanesWith(bits, places2)));
        sum3 = f32x4.add(sum3, v128.and(share3, lanesWith(bits, places3)));
      }
    }
    ix = 0;
    ox = 0;
    if (++iy == g.inHeight) {
      iy = 0;
      image++;
    }
  }
  v128.store(sums, sum0);
  v128.store(sums, sum1, 16);
  v128.store(sums, sum2, 32);
  v128.store(sums, sum3, 48);
}

// Sums at most four channels, whose bits begin at `place` of a word.
function sumFour(
  sums: usize,
  dy: usize,
  mask: usize,
  place: i32,
  channelsLeft: i32,
  first: i32,
  last: i32,
  squares: i32,
  g: Geometry,
): void {
  const words = wordsOf(g.inChannels) << 2;
  const step = g.inChannels << 2;
  const places = i32x4.shl(i32x4(1, 2, 4, 8), place);
  let sum = f32x4.splat(0);
  let word = mask + <usize>first * words;
  let image = first / (g.inHeight * g.inWidth);
  let iy = first / g.inWidth - image * g.inHeight;
  let ix = first % g.inWidth;
  let ox = (ix + g.padLeft) / g.strideWidth;
  for (let rest = last - first; rest > 0;) {
    const oy = (iy + g.padTop) / g.strideHeight;
    const rows = endRow(g, oy) - firstRow(g, oy);
    const stop = min<i32>(g.inWidth, ix + rest);
    rest -= stop - ix;
    let from = at(dy, ((image * g.outHeight + oy) * g.outWidth + ox) * g.inChannels);
    for (let start = ox * g.strideWidth - g.padLeft; ix < stop; from += step) {
      const end = min<i32>(start + g.strideWidth, g.inWidth);
      const count = f32x4.splat(<f32>(rows * (end - max<i32>(start, 0))));
      start += g.strideWidth;
      let share = f32x4.div(loadLanes(from, channelsLeft), count);
      if (squares) share = squareOf(share);
      for (const inside = min<i32>(end, stop); ix < inside; ix++, word += words) {
        sum = f32x4.add(sum, v128.and(share, lanesWith(v128.load32_splat(word), places)));
      }
    }
    ix = 0;
    ox = 0;
    if (++iy == g.inHeight) {
      iy = 0;
      image++;
    }
  }
  storeLanes(sums, sum, channelsLeft);
}
