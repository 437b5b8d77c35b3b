import { Geometry } from "../conv/geometry";
import { at, loadLanes, storeLanes } from "../math/lanes";

// Average pooling of what relu let through, for windows that cover every pixel once (filter = stride, and none left over),
// and its gradient through both. All that the gradient needs of the image is which elements were above 0: one bit each.
//
//   x     [images, inHeight, inWidth, channels]: a chunk of a batch, as relu left it
//   y, dy [batch, outHeight, outWidth, channels], whole tensors
//   mask  [batch, inHeight, inWidth, ceil(channels / 32)] words, the whole tensor: bit c & 31 of word c >> 5 of a pixel says
//         that its channel c is above 0. NaN is not.
//
// geometry: conv/geometry.ts with inChannels = channels. Chunks begin at image firstImage. 4-byte aligned, not overlapping.
//
// Channels go by sixteen, half a word of the mask, and what is left by four; each group of channels goes through all its
// pixels with its sums in registers.

// y = mean of x over the part of the window inside the image: one chain from 0, ascending (ky, kx), then a division.
// The range is output rows of the chunk, image * outHeight + oy.
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

function wordsOf(channels: i32): i32 {
  return (channels + 31) >> 5;
}

// The rows and columns of window (oy, ox) inside the image are firstRow .. endRow - 1 and firstColumn .. endColumn - 1.
function firstRow(g: Geometry, oy: i32): i32 {
  return max<i32>(oy * g.strideHeight - g.padTop, 0);
}

function endRow(g: Geometry, oy: i32): i32 {
  return min<i32>((oy + 1) * g.strideHeight - g.padTop, g.inHeight);
}

function firstColumn(g: Geometry, ox: i32): i32 {
  return max<i32>(ox * g.strideWidth - g.padLeft, 0);
}

function endColumn(g: Geometry, ox: i32): i32 {
  return min<i32>((ox + 1) * g.strideWidth - g.padLeft, g.inWidth);
}

// y: one pixel; mask, x: the first of rows x taps pixels of an image `width` wide.
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
        addBits(bits, c, i8x16.bitmask(i8x16.narrow_i16x8_s(low, high)));
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

// Puts the bits of channel c and those after it into their word; its first channel's also clear the others.
function addBits(word: usize, c: i32, bits: i32): void {
  const place = c & 31;
  store<i32>(word, place == 0 ? bits : load<i32>(word) | (bits << place));
}

// dx of the chunk: dy / (elements of the window inside the image) where the mask has a bit, else 0; laid out like x. The
// range is input rows of the chunk, image * inHeight + iy.
export function maskedAvgPoolGrad(
  dx: usize,
  dy: usize,
  mask: usize,
  geometry: usize,
  firstImage: i32,
  begin: i32,
  end: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const channels = g.inChannels;
  const words = wordsOf(channels);
  for (let row = begin; row < end; row++) {
    const image = row / g.inHeight;
    const oy = (row - image * g.inHeight + g.padTop) / g.strideHeight;
    const rows = endRow(g, oy) - firstRow(g, oy);
    const line = ((firstImage + image) * g.outHeight + oy) * g.outWidth;
    for (let ox = 0; ox < g.outWidth; ox++) {
      const left = firstColumn(g, ox);
      const pixel = row * g.inWidth + left;
      spread(
        at(dx, pixel * channels),
        at(dy, (line + ox) * channels),
        at(mask, (firstImage * g.inHeight * g.inWidth + pixel) * words),
        channels,
        rows,
        endColumn(g, ox) - left,
      );
    }
  }
}

// dx, mask: the first of the window's `taps` pixels in a row; `rows` is how many rows it has.
function spread(dx: usize, dy: usize, mask: usize, channels: i32, rows: i32, taps: i32): void {
  const count = f32x4.splat(<f32>(rows * taps));
  const words = wordsOf(channels);
  let c = 0;
  for (; c <= channels - 16; c += 16) {
    const share0 = f32x4.div(v128.load(at(dy, c)), count);
    const share1 = f32x4.div(v128.load(at(dy, c), 16), count);
    const share2 = f32x4.div(v128.load(at(dy, c), 32), count);
    const share3 = f32x4.div(v128.load(at(dy, c), 48), count);
    let to = at(dx, c);
    let word = at(mask, c >> 5);
    for (let kx = 0; kx < taps; kx++, to += channels << 2, word += words << 2) {
      const bits = i32x4.splat(load<i32>(word) >>> (c & 31));
      v128.store(to, v128.and(share0, lanesWith(bits, 0)));
      v128.store(to, v128.and(share1, lanesWith(bits, 4)), 16);
      v128.store(to, v128.and(share2, lanesWith(bits, 8)), 32);
      v128.store(to, v128.and(share3, lanesWith(bits, 12)), 48);
    }
  }
  for (; c < channels; c += 4) {
    const share = f32x4.div(loadLanes(at(dy, c), channels - c), count);
    let to = at(dx, c);
    let word = at(mask, c >> 5);
    for (let kx = 0; kx < taps; kx++, to += channels << 2, word += words << 2) {
      const bits = i32x4.splat(load<i32>(word) >>> (c & 31));
      storeLanes(to, v128.and(share, lanesWith(bits, 0)), channels - c);
    }
  }
}

// All ones in lane i where bit first + i of the lane is set.
function lanesWith(bits: v128, first: i32): v128 {
  const places = i32x4.shl(i32x4(1, 2, 4, 8), first);
  return i32x4.eq(v128.and(bits, places), places);
}

// partial[image, c] = sum of dx over the image's pixels, without dx: one chain from 0, ascending (iy, ix). dy, mask and
// geometry as above, of the whole batch; partial: [batch, channels]. The range is images.
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
    for (; c <= channels - 16; c += 16) sumSixteen(at(sums, c), at(from, c), at(bits, c >> 5), c & 31, g);
    for (; c < channels; c += 4) sumFour(at(sums, c), at(from, c), at(bits, c >> 5), c & 31, channels - c, g);
  }
}

// Of sixteen channels, the first of which has bit `place` of its words.
function sumSixteen(sums: usize, dy: usize, mask: usize, place: i32, g: Geometry): void {
  const channels = g.inChannels;
  const words = wordsOf(channels);
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  let sum2 = f32x4.splat(0);
  let sum3 = f32x4.splat(0);
  for (let iy = 0; iy < g.inHeight; iy++) {
    const oy = (iy + g.padTop) / g.strideHeight;
    const rows = endRow(g, oy) - firstRow(g, oy);
    let from = at(dy, oy * g.outWidth * channels);
    let word = at(mask, iy * g.inWidth * words);
    for (let ox = 0; ox < g.outWidth; ox++, from += channels << 2) {
      const taps = endColumn(g, ox) - firstColumn(g, ox);
      const count = f32x4.splat(<f32>(rows * taps));
      const share0 = f32x4.div(v128.load(from), count);
      const share1 = f32x4.div(v128.load(from, 16), count);
      const share2 = f32x4.div(v128.load(from, 32), count);
      const share3 = f32x4.div(v128.load(from, 48), count);
      for (let kx = 0; kx < taps; kx++, word += words << 2) {
        const bits = i32x4.splat(load<i32>(word) >>> place);
        sum0 = f32x4.add(sum0, v128.and(share0, lanesWith(bits, 0)));
        sum1 = f32x4.add(sum1, v128.and(share1, lanesWith(bits, 4)));
        sum2 = f32x4.add(sum2, v128.and(share2, lanesWith(bits, 8)));
        sum3 = f32x4.add(sum3, v128.and(share3, lanesWith(bits, 12)));
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
        const bits = i32x4.splat(load<i32>(word) >>> place);
        sum = f32x4.add(sum, v128.and(share, lanesWith(bits, 0)));
      }
    }
  }
  storeLanes(sums, sum, channelsLeft);
}
