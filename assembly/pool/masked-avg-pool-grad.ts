import { checkCall, checkInput, checkOutput } from "../contract";
import { Geometry, outImage } from "../conv/geometry";
import { at, loadLanes, storeLanes } from "../math/lanes";
import { checkCovering, endColumn, endRow, firstColumn, firstRow } from "./covering-windows";
import { lanesWith, maskImage, storePlaces, wordsOf } from "./mask";

// The gradient of maskedAvgPool through pool and relu, for a chunk: dx = dy / (elements of the window inside the image)
// where the mask has a bit, else 0. There is no reduction.
//
//   dx    [images, inHeight, inWidth, channels]: a chunk of a batch
//   dy    [batch, outHeight, outWidth, channels], the whole tensor
//   mask  the whole tensor (mask.ts)
//
// geometry, alignment and groups of channels are as in masked-avg-pool.ts. The range is input rows of the chunk,
// image * inHeight + iy.
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
  if (!ASC_NO_ASSERT) {
    checkCall("maskedAvgPoolGrad", begin, end, (g.batch - firstImage) * g.inHeight);
    checkCovering(g);
    checkOutput("dx", at(dx, begin * g.inWidth * channels), (end - begin) * g.inWidth * channels);
    checkInput("dy", dy, g.batch * outImage(g));
    checkInput("mask", mask, g.batch * maskImage(g));
  }
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

// Spreads one line of dx, the channels that go by sixteen; `rows` is the number of rows of the windows.
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

// Spreads at most four channels of a line.
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
