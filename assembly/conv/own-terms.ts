import { checkInput } from "../contract";
import { at, demoted, firstLanes, largestLane, loadLanes, storeLanes, upper } from "../math/lanes";
import { lanesWith } from "../pool/mask";
import { firstInside, Geometry, lastInside } from "./geometry";
import { limitOf, rootOfSum, SLACK } from "./norms";
import { lineOf, magnitudesOfImage, squaresOfPixels } from "./window-magnitudes";

// A transform (FFT, Winograd) rounds relative to the largest numbers that its tile sees, not relative to an output. An
// output whose own terms are small beside them, or all 0, may be nothing but rounding. So the kernels recompute some
// outputs, term by term. Each output has a limit
//
//   limit = t * (norm of the tile's inputs) * (norm of the channel's weights)
//
// where a norm is the root of the sum of squares. t holds the error of the transform and the error that an output may
// have (src/engine/lowering/convolution/own-terms.ts states both). An output may stay as the transform made it where
// the sum S of the magnitudes of its own terms is at least the limit. Three looks can show that, each cheaper than the
// next:
//
//   1. at its window alone. Where all weights but `count` are at least `small`, S >= small * (sum of |x| - sum of |x|
//      over those few), and the sum over those few is at most root(count) * root(sum of x * x) (window-magnitudes.ts,
//      filter-magnitudes.ts). In dense images this look is enough for nearly all outputs.
//   2. at the output itself: S is at least its magnitude.
//   3. at the terms, one after the other, until their magnitudes reach the limit.
//
// Where they never reach it, the third look has summed all terms on the way, and that sum replaces the output.
//
// What follows a convolution often has its kink at 0. So the kernels also recompute an output near zero, one that with
// its bias is no larger than the transform's error,
//
//   error = e * (norm of the tile's inputs) * (norm of the channel's weights)
//
// whatever its terms are: then it is on the right side of 0. The FFT takes this look at all outputs, Winograd's
// transform where a bias or relu follows.

// The norm of a tile's inputs: `rows` by `columns` pixels of the image from (top, left) on. Pixels outside it count as
// 0.
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

// Floats of a block of limits, for the outputs of sixteen channels: [16] limits, [16] errors, and 8 that recomputePixel
// uses.
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

// The largest of limit / small of sixteen channels, which their windows must reach in the first look. `inverses` are
// their filterMagnitudes, 0 past the last channel.
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

// The address of the sum of |x| over an output's window, in the magnitudes of an image.
export function windowAt(magnitudes: usize, g: Geometry, oy: i32, ox: i32): usize {
  return at(magnitudes, oy * lineOf(g.outWidth) + ox);
}

// Bit j is set where the first look at column ox + j is not enough, 0 <= j < columns <= 16. `magnitudes` are those of
// the image. NaN is not enough.
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

// Takes the second and the third look at the outputs of one pixel. Writes those that it recomputes, with their bias and
// relu.
//
//   y        the pixel's first output of the block
//   sums     what the transform made, before bias and relu, divided by `scale`, a power of two; may be y
//   window   the address of the sum of |x| over the pixel's window; where that is 0, so are the outputs
//   limits   of the block (LIMITS floats)
//   x        the image
//   filter, bias    from the block's first channel on; bias is 0 for none
//   count    channels of the block, 16 at most
//
// A recomputed sum is one chain in float64 over (ky, kx, inChannel) inside the image, ascending, and then the bias; it
// is rounded once. It leaves out terms whose x is 0, so 0 times an infinite weight counts as 0.
export function recomputePixel(
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
  const recomputed = at(limits, 32);
  const final = at(limits, 36);
  for (let c = 0; c < count; c += 4) {
    const left = count - c;
    const made = f32x4.mul(f32x4.splat(scale), loadLanes(at(sums, c), left));
    const biases = bias ? loadLanes(at(bias, c), left) : f32x4.splat(0);
    const limit = v128.load(at(limits, c));
    const near = f32x4.lt(f32x4.abs(f32x4.add(made, biases)), v128.load(at(limits, 16 + c)));
    let candidates = candidateLanes(made, limit, left) | (i32x4.bitmask(near) & i32x4.bitmask(firstLanes(left)));
    if (!candidates) continue;
    const zero = i32x4.bitmask(f32x4.eq(limit, f32x4.splat(0)));
    const none = candidates & (blank ? 15 : zero);
    v128.store(recomputed, made);
    v128.store(final, v128.or(finalLimits(limit, made), near));
    const b = bias ? at(bias, c) : 0;
    candidates &= ~none;
    if (candidates)
      candidates = sumTerms(recomputed, candidates, final, x, at(filter, c), b, g, oy, ox, channels, left);
    candidates |= none;
    if (!candidates) continue;
    const sum = v128.bitselect(biases, v128.load(recomputed), lanesOf(none));
    const rectified = relu ? f32x4.pmax(sum, f32x4.splat(0)) : sum;
    storeLanes(at(y, c), v128.bitselect(rectified, loadLanes(at(y, c), left), lanesOf(candidates)), left);
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

// The second look at `left` lanes: the bits of those that are not above their limits, or not finite. These lanes are
// candidates for being recomputed.
export function candidateLanes(made: v128, limits: v128, left: i32): i32 {
  const size = f32x4.abs(made);
  const sure = v128.and(f32x4.gt(size, limits), f32x4.lt(size, f32x4.splat(Infinity)));
  return i32x4.bitmask(v128.andnot(firstLanes(left), sure));
}

// All ones in the lanes whose bit is set, zeros in the others.
export function lanesOf(bits: i32): v128 {
  return lanesWith(i32x4.splat(bits), i32x4(1, 2, 4, 8));
}

// What the magnitudes of a number's terms must reach for it to stay. Where the number or its limit is not finite, that
// is NaN, which nothing reaches.
export function finalLimits(limits: v128, made: v128): v128 {
  const infinity = f32x4.splat(Infinity);
  const finite = v128.and(f32x4.lt(f32x4.abs(made), infinity), f32x4.lt(limits, infinity));
  return v128.or(limits, v128.not(finite));
}

// Sums the terms of four outputs until their magnitudes reach the limits of all candidates. Returns the candidates that
// never reach theirs, and stores their sums with the bias; where all reach theirs, it returns 0 and stores nothing.
function sumTerms(
  sums: usize,
  candidates: i32,
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
        candidates &= i32x4.bitmask(v128.not(f32x4.ge(size, limit)));
        if (!candidates) return 0;
      }
    }
  }
  if (bias) {
    const biases = loadLanes(bias, left);
    low = f64x2.add(low, f64x2.promote_low_f32x4(biases));
    high = f64x2.add(high, f64x2.promote_low_f32x4(upper(biases)));
  }
  v128.store(sums, demoted(low, high));
  return candidates;
}

// Checks what an output transform recomputes from (../contract.ts): images first to last of a chunk, which x and
// windows hold.
export function checkOwnTerms(
  g: Geometry,
  x: usize,
  filter: usize,
  bias: usize,
  windows: usize,
  weights: usize,
  channels: i32,
  first: i32,
  images: i32,
): void {
  const size = g.inHeight * g.inWidth * g.inChannels;
  checkInput("x", at(x, first * size), images * size);
  checkInput("filter", filter, g.filterHeight * g.filterWidth * g.inChannels * channels);
  if (bias) checkInput("bias", bias, channels);
  checkInput("windows", at(windows, first * magnitudesOfImage(g)), images * magnitudesOfImage(g));
  checkInput("weights", weights, 3 * ((channels + 15) & ~15));
}
