import { checkCall, checkInput, checkOutput } from "../contract";
import { Geometry, outImage } from "../conv/geometry";
import { at, loadLanes, storeLanes } from "../math/lanes";
import { checkCovering, endColumn, endRow, firstColumn, firstRow } from "./covering-windows";
import { maskImage, wordsOf } from "./mask";

// Average pooling of the result of relu, for windows that cover every pixel once. The gradient through both needs to
// know only which elements of the image were above 0: the mask keeps one bit for each.
//
//   x     [images, inHeight, inWidth, channels]: a chunk of a batch, which begins at image firstImage
//   y     [batch, outHeight, outWidth, channels], the whole tensor
//   mask  the whole tensor (mask.ts)
//
// y = mean of x over the part of the window inside the image: one chain from 0, ascending (ky, kx), and then a
// division. geometry is that of conv/geometry.ts with inChannels = channels. All buffers are 4-byte aligned and do not
// overlap. The range is output rows of the chunk, image * outHeight + oy.
//
// Channels go by sixteen, half a word of the mask, and those that are left go by four. Each group of channels goes
// through all its pixels with its sums in registers.
export function maskedAvgPool(
  y: usize,
  mask: usize,
  x: usize,
  geometry: usize,
  firstImage: i32,
  begin: i32,
  end: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const channels = g.inChannels;
  const words = wordsOf(channels);
  if (!ASC_NO_ASSERT) {
    checkCall("maskedAvgPool", begin, end, (g.batch - firstImage) * g.outHeight);
    checkCovering(g);
    checkOutput("y", y, g.batch * outImage(g));
    checkOutput("mask", mask, g.batch * maskImage(g));
    const images = (end + g.outHeight - 1) / g.outHeight;
    checkInput("x", x, images * g.inHeight * g.inWidth * channels);
  }
  for (let row = begin; row < end; row++) {
    const image = row / g.outHeight;
    const oy = row - image * g.outHeight;
    const top = firstRow(g, oy);
    const rows = endRow(g, oy) - top;
    for (let ox = 0; ox < g.outWidth; ox++) {
      const left = firstColumn(g, ox);
      const pixel = (image * g.inHeight + top) * g.inWidth + left;
      meanOfWindow(
        at(y, ((firstImage * g.outHeight + row) * g.outWidth + ox) * channels),
        at(mask, (firstImage * g.inHeight * g.inWidth + pixel) * words),
        at(x, pixel * channels),
        channels,
        g.inWidth,
        rows,
        endColumn(g, ox) - left,
      );
    }
  }
}

// Pools one window. y is its pixel; mask and x are the first of rows x taps pixels of an image `width` wide.
function meanOfWindow(y: usize, mask: usize, x: usize, channels: i32, width: i32, rows: i32, taps: i32): void {
  const zero = f32x4.splat(0);
  const count = f32x4.splat(<f32>(rows * taps));
  const words = wordsOf(channels);
  let c = 0;
  for (; c <= channels - 16; c += 16) {
    let sum0 = zero;
    let sum1 = zero;
    let sum2 = zero;
    let sum3 = zero;
    for (let ky = 0; ky < rows; ky++) {
      let tap = at(x, ky * width * channels + c);
      let bits = at(mask, ky * width * words + (c >> 5));
      for (let kx = 0; kx < taps; kx++, tap += channels << 2, bits += words << 2) {
        const lanes0 = v128.load(tap);
        const lanes1 = v128.load(tap, 16);
        const lanes2 = v128.load(tap, 32);
        const lanes3 = v128.load(tap, 48);
        sum0 = f32x4.add(sum0, lanes0);
        sum1 = f32x4.add(sum1, lanes1);
        sum2 = f32x4.add(sum2, lanes2);
        sum3 = f32x4.add(sum3, lanes3);
        const low = i16x8.narrow_i32x4_s(f32x4.gt(lanes0, zero), f32x4.gt(lanes1, zero));
        const high = i16x8.narrow_i32x4_s(f32x4.gt(lanes2, zero), f32x4.gt(lanes3, zero));
        storeHalf(bits, c, i8x16.bitmask(i8x16.narrow_i16x8_s(low, high)));
      }
    }
    v128.store(at(y, c), f32x4.div(sum0, count));
    v128.store(at(y, c), f32x4.div(sum1, count), 16);
    v128.store(at(y, c), f32x4.div(sum2, count), 32);
    v128.store(at(y, c), f32x4.div(sum3, count), 48);
  }
  for (; c < channels; c += 4) {
    let sum = zero;
    for (let ky = 0; ky < rows; ky++) {
      let tap = at(x, ky * width * channels + c);
      let bits = at(mask, ky * width * words + (c >> 5));
      for (let kx = 0; kx < taps; kx++, tap += channels << 2, bits += words << 2) {
        const lanes = loadLanes(tap, channels - c);
        sum = f32x4.add(sum, lanes);
        addBits(bits, c, i32x4.bitmask(f32x4.gt(lanes, zero)));
      }
    }
    storeLanes(at(y, c), f32x4.div(sum, count), channels - c);
  }
}

// Puts the bits of channels c .. c + 15 into their half of the word; those of the first half clear the other.
function storeHalf(word: usize, c: i32, bits: i32): void {
  if (c & 16) store<i16>(word, bits, 2);
  else store<i32>(word, bits);
}

// Puts the bits of channel c and those after it into their word; those of its first channel clear the others.
function addBits(word: usize, c: i32, bits: i32): void {
  const place = c & 31;
  store<i32>(word, place == 0 ? bits : load<i32>(word) | (bits << place));
}
