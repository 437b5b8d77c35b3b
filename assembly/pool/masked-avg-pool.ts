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

// Puts the bits of channels c .. c + 15 into their half of the word; the first half's also clear the other.
function storeHalf(word: usize, c: i32, bits: i32): void {
  if (c & 16) store<i16>(word, bits, 2);
  else store<i32>(word, bits);
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
    const to = at(dx, row * g.inWidth * channels);
    const from = at(dy, ((firstImage + image) * g.outHeight + oy) * g.outWidth * channels);
    const bits = at(mask, (firstImage * g.inHeight + row) * g.inWidth * words);
    const sixteens = channels & ~15;
    if (sixteens) spreadSixteens(to, from, bits, rows, sixteens, g);
    for (let c = sixteens; c < channels; c += 4) {
      spreadFour(at(to, c), at(from, c), at(bits, c >> 5), c & 31, rows, channels - c, g);
    }
  }
}

// One line of dx, the channels that go by sixteen; `rows` is how many rows the windows have.
function spreadSixteens(dx: usize, dy: usize, mask: usize, rows: i32, channels: i32, g: Geometry): void {
  const pixel = g.inChannels << 2;
  const words = wordsOf(g.inChannels) << 2;
  storePlaces(dx);
  const places0 = v128.load(dx);
  const places1 = v128.load(dx, 16);
  const places2 = v128.load(dx, 32);
  const places3 = v128.load(dx, 48);
  for (let ox = 0; ox < g.outWidth; ox++, dy += pixel) {
    const taps = endColumn(g, ox) - firstColumn(g, ox);
    const count = f32x4.splat(<f32>(rows * taps));
    for (let c = 0; c < channels; c += 16) {
      const share0 = f32x4.div(v128.load(at(dy, c)), count);
      const share1 = f32x4.div(v128.load(at(dy, c), 16), count);
      const share2 = f32x4.div(v128.load(at(dy, c), 32), count);
      const share3 = f32x4.div(v128.load(at(dy, c), 48), count);
      let to = at(dx, c);
      let half = mask + (c >> 3);
      for (let kx = 0; kx < taps; kx++, to += pixel, half += words) {
        const bits = v128.load16_splat(half);
        v128.store(to, v128.and(share0, lanesWith(bits, places0)));
        v128.store(to, v128.and(share1, lanesWith(bits, places1)), 16);
        v128.store(to, v128.and(share2, lanesWith(bits, places2)), 32);
        v128.store(to, v128.and(share3, lanesWith(bits, places3)), 48);
      }
    }
    dx += taps * pixel;
    mask += taps * words;
  }
}

// At most four channels of it.
function spreadFour(dx: usize, dy: usize, mask: usize, place: i32, rows: i32, channelsLeft: i32, g: Geometry): void {
  const pixel = g.inChannels << 2;
  const words = wordsOf(g.inChannels) << 2;
  const places = i32x4.shl(i32x4(1, 2, 4, 8), place);
  for (let ox = 0; ox < g.outWidth; ox++, dy += pixel) {
    const taps = endColumn(g, ox) - firstColumn(g, ox);
    const share = f32x4.div(loadLanes(dy, channelsLeft), f32x4.splat(<f32>(rows * taps)));
    for (let kx = 0; kx < taps; kx++, dx += pixel, mask += words) {
      storeLanes(dx, v128.and(share, lanesWith(v128.load32_splat(mask), places)), channelsLeft);
    }
  }
}

// Bits 0 .. 15, each in a lane of its own, in a place that is overwritten later: V8 would make such constants anew in every
// window, but what is loaded it keeps in registers.
function storePlaces(to: usize): void {
  v128.store(to, i32x4(1, 2, 4, 8));
  v128.store(to, i32x4(16, 32, 64, 128), 16);
  v128.store(to, i32x4(256, 512, 1024, 2048), 32);
  v128.store(to, i32x4(4096, 8192, 16384, 32768), 48);
}

// All ones in the lanes whose place has a bit.
function lanesWith(bits: v128, places: v128): v128 {
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
