import { at, demoted, firstLanes, largestLane, loadLanes, storeLanes, upper } from "../math/lanes";
import { lanesWith } from "../pool/mask";
import { firstInside, Geometry, lastInside } from "./geometry";
import { limitOf, rootOfSum, SLACK } from "./norms";
import { lineOf, squaresOfPixels } from "./window-magnitudes";

// A transform (FFT, Winograd) rounds not relative to an output but to the largest numbers its tile sees. An output
// whose own terms are small beside them, or all 0, may be rounding's work alone. So each output has a limit
//
//   limit = t * (norm of the tile's inputs) * (norm of the channel's weights)
//
// where a norm is the root of the sum of squares, and t holds the transform's error and what an output may be off
// (src/engine/lowering/convolution/own-terms.ts states both). An output may stay as the transform left it where the sum S of its own
// terms' magnitudes is at least the limit. Three looks tell, each cheaper than the next:
//
//   1. by its window alone. Where all weights but `count` are at least `small`, S >= small * (sum of |x| - sum over
//      those few), and the latter is at most root(count) * root(sum of x * x) (window-magnitudes.ts,
//      filter-magnitudes.ts). In dense images this tells of nearly all outputs.
//   2. by the output itself: S is at least its magnitude.
//   3. by the terms, one after the other, until their magnitudes reach the limit.
//
// Where they never do, all terms have been summed on the way, and that sum takes the output's place.
//
// What follows a convolution often has its kink at 0. So an output that with its bias is no larger than the transform's
// error,
//
//   error = e * (norm of the tile's inputs) * (norm of the channel's weights)
//
// is summed directly, too, whatever its terms are: then it is on the right side of 0. FFT's outputs are all looked at so;
// Winograd's where a bias or relu follows.

// The norm of a tile's inputs, `rows` by `columns` pixels of the image from (top, left) on; what lies outside it counts
// as 0.
export function normOfTile(magnitudes: usize, g: Geometry, top: i32, left: i32, rows: i32, columns: i32): f32 {
  const squares = squaresOfPixels(magnitudes, g);
  const line = lineOf(g.inWidth);
  const lastRow = min<i32>(g.inHeight, top + rows);
  const firstColumn = max<i32>(0, left);
  const lastColumn = min<i32>(g.inWidth, left + columns);
  let sum: f32 = 0;
  for (let row = max<i32>(0, top); row < lastRow; row++) {
    const from = at(squares, row * line);
    for (let column = firstColumn; column < lastColumn; column++) sum += load<f32>(at(from, column));
  }
  return rootOfSum(sum);
}

// What sixteen channels' outputs are looked at with, as floats: [16] limits, [16] errors, and 8 that settlePixel uses.
export const LIMITS: i32 = 40;

// The limits and errors of sixteen channels from the norms of their weights and that of a tile's inputs. A limit is 0
// where all weights are 0, infinite where the transform may have overflown.
export function limitsOf(limits: usize, norms: usize, norm: f32, t: f32, error: f32): void {
  const ofErrors = f32x4.splat(error * norm * SLACK);
  for (let c = 0; c < 16; c += 4) {
    const ofWeights = v128.load(at(norms, c));
    v128.store(at(limits, c), limitOf(t * norm * SLACK, norm, ofWeights));
    v128.store(at(limits, 16 + c), f32x4.mul(ofErrors, ofWeights));
  }
}

// What the windows of sixteen channels must have for the first look, given their limits and their filterMagnitudes (0
// past the last channel): the largest of limit / small.
export function neededOf(limits: usize, inverses: usize): f32 {
  let needed = f32x4.splat(0);
  for (let c: usize = 0; c < 64; c += 16) {
    needed = f32x4.pmax(needed, f32x4.mul(v128.load(limits + c), v128.load(inverses + c)));
  }
  return largestLane(needed);
}

// The largest of `count` numbers >= 0, a multiple of four.
export function largestOf(from: usize, count: i32): f32 {
  let most = f32x4.splat(0);
  for (let i = 0; i < count; i += 4) most = f32x4.pmax(most, v128.load(at(from, i)));
  return largestLane(most);
}

// The sum of |x| over an output's window, in an image's magnitudes.
export function windowAt(magnitudes: usize, g: Geometry, oy: i32, ox: i32): usize {
  return at(magnitudes, oy * lineOf(g.outWidth) + ox);
}

// Bit j is set where the first look does not tell about column ox + j, 0 <= j < columns <= 16. magnitudes: of the
// image; NaN does not tell.
export function unsureColumns(
  magnitudes: usize,
  g: Geometry,
  oy: i32,
  ox: i32,
  columns: i32,
  needed: f32,
  rootOfCount: f32,
): i32 {
  const sums = windowAt(magnitudes, g, oy, ox);
  const roots = at(sums, g.outHeight * lineOf(g.outWidth));
  let unsure = 0;
  for (let j = 0; j < columns; j += 4) {
    const large = f32x4.sub(v128.load(at(sums, j)), f32x4.mul(f32x4.splat(rootOfCount), v128.load(at(roots, j))));
    unsure |= i32x4.bitmask(v128.not(f32x4.ge(large, f32x4.splat(needed)))) << j;
  }
  return unsure & ((1 << columns) - 1);
}

// The second and the third look at one pixel's outputs. Those that are summed again are written, with their bias and
// relu.
//
//   y        the pixel's first output of the block
//   sums     what the transform made, before bias and relu, up to the factor `scale`, a power of two; may be y
//   window   the sum of |x| over the pixel's window; where it is 0, so are the outputs
//   limits   of the block (LIMITS)
//   x        the image
//   filter, bias    from the block's first channel on; bias 0 for none
//   count    channels of the block, 16 at most
//
// A direct sum is one chain in float64 over (ky, kx, inChannel) inside the image, ascending, and then the bias; rounded
// once. Terms whose x is 0 are left out, so 0 times an infinite weight counts as 0.
export function settlePixel(
  y: usize,
  sums: usize,
  scale: f32,
  window: usize,
  limits: usize,
  x: usize,
  filter: usize,
  bias: usize,
  relu: i32,
  g: Geometry,
  oy: i32,
  ox: i32,
  channels: i32,
  count: i32,
): void {
  const blank = load<f32>(window) == 0;
  const settled = at(limits, 32);
  const final = at(limits, 36);
  for (let c = 0; c < count; c += 4) {
    const left = count - c;
    const made = f32x4.mul(f32x4.splat(scale), loadLanes(at(sums, c), left));
    const biases = bias ? loadLanes(at(bias, c), left) : f32x4.splat(0);
    const limit = v128.load(at(limits, c));
    const near = f32x4.lt(f32x4.abs(f32x4.add(made, biases)), v128.load(at(limits, 16 + c)));
    let doubtful = doubtfulLanes(made, limit, left) | (i32x4.bitmask(near) & i32x4.bitmask(firstLanes(left)));
    if (!doubtful) continue;
    const zero = i32x4.bitmask(f32x4.eq(limit, f32x4.splat(0)));
    const none = doubtful & (blank ? 15 : zero);
    v128.store(settled, made);
    v128.store(final, v128.or(finalLimits(limit, made), near));
    const b = bias ? at(bias, c) : 0;
    doubtful &= ~none;
    if (doubtful) doubtful = sumTerms(settled, doubtful, final, x, at(filter, c), b, g, oy, ox, channels, left);
    doubtful |= none;
    if (!doubtful) continue;
    const sum = v128.bitselect(biases, v128.load(settled), lanesOf(none));
    const rectified = relu ? f32x4.pmax(sum, f32x4.splat(0)) : sum;
    storeLanes(at(y, c), v128.bitselect(rectified, loadLanes(at(y, c), left), lanesOf(doubtful)), left);
  }
}

// Bit j is set where an output of pixel j, plus its bias, may be the transform's error alone.
export function nearColumns(sums: usize, scale: f32, columns: i32, limits: usize, bias: usize, count: i32): i32 {
  let near = 0;
  for (let j = 0; j < columns; j++, sums += 64) {
    for (let c = 0; c < count; c += 4) {
      const made = f32x4.mul(f32x4.splat(scale), v128.load(at(sums, c)));
      const biases = bias ? loadLanes(at(bias, c), count - c) : f32x4.splat(0);
      if (v128.any_true(f32x4.lt(f32x4.abs(f32x4.add(made, biases)), v128.load(at(limits, 16 + c))))) near |= 1 << j;
    }
  }
  return near;
}

// The second look at `left` lanes: those that are not above their limits, or not finite. Bits.
export function doubtfulLanes(made: v128, limits: v128, left: i32): i32 {
  const size = f32x4.abs(made);
  const sure = v128.and(f32x4.gt(size, limits), f32x4.lt(size, f32x4.splat(Infinity)));
  return i32x4.bitmask(v128.andnot(firstLanes(left), sure));
}

// All ones in the lanes whose bit is set.
export function lanesOf(bits: i32): v128 {
  return lanesWith(i32x4.splat(bits), i32x4(1, 2, 4, 8));
}

// What the magnitudes of a number's terms must reach for it to stay: out of reach, which is NaN, where it or its limit
// is not finite.
export function finalLimits(limits: v128, made: v128): v128 {
  const infinity = f32x4.splat(Infinity);
  const finite = v128.and(f32x4.lt(f32x4.abs(made), infinity), f32x4.lt(limits, infinity));
  return v128.or(limits, v128.not(finite));
}

// Sums the terms of four outputs until their magnitudes reach the limits of all that are doubtful. Those that never
// reach theirs are returned, and then the terms' sums are stored, with their bias; where all do, it is 0 and nothing
// is.
function sumTerms(
  sums: usize,
  doubtful: i32,
  limits: usize,
  x: usize,
  filter: usize,
  bias: usize,
  g: Geometry,
  oy: i32,
  ox: i32,
  channels: i32,
  left: i32,
): i32 {
  const limit = v128.load(limits);
  const top = oy - g.padTop;
  const first = ox - g.padLeft;
  const lastRow = lastInside(top, g.filterHeight, g.inHeight);
  const lastColumn = lastInside(first, g.filterWidth, g.inWidth);
  const step = (<usize>channels) << 2;
  let size = f32x4.splat(0);
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let ky = firstInside(top); ky < lastRow; ky++) {
    for (let kx = firstInside(first); kx < lastColumn; kx++) {
      const pixel = at(x, ((top + ky) * g.inWidth + first + kx) * g.inChannels);
      let weights = at(filter, (ky * g.filterWidth + kx) * g.inChannels * channels);
      for (let c = 0; c < g.inChannels; c += 4, weights += 4 * step) {
        const fours = loadLanes(at(pixel, c), g.inChannels - c);
        if (!v128.any_true(f32x4.ne(fours, f32x4.splat(0)))) continue;
        const end = min<i32>(4, g.inChannels - c);
        for (let i = 0; i < end; i++) {
          const value = load<f32>(at(pixel, c + i));
          if (value == 0) continue;
          const four = loadLanes(weights + <usize>i * step, left);
          size = f32x4.add(size, f32x4.abs(f32x4.mul(f32x4.splat(value), four)));
          const wide = f64x2.splat(<f64>value);
          low = f64x2.add(low, f64x2.mul(wide, f64x2.promote_low_f32x4(four)));
          high = f64x2.add(high, f64x2.mul(wide, f64x2.promote_low_f32x4(upper(four))));
        }
        doubtful &= i32x4.bitmask(v128.not(f32x4.ge(size, limit)));
        if (!doubtful) return 0;
      }
    }
  }
  if (bias) {
    const biases = loadLanes(bias, left);
    low = f64x2.add(low, f64x2.promote_low_f32x4(biases));
    high = f64x2.add(high, f64x2.promote_low_f32x4(upper(biases)));
  }
  v128.store(sums, demoted(low, high));
  return doubtful;
}
