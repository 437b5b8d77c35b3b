import { checkInput } from "../contract";
import { at, demoted, loadLanes, upper } from "../math/lanes";
import { wordsOf } from "../pool/mask";
import { gradientLanes } from "../pool/masked-gradient";
import { checkGeometry, Geometry, inImage, outImage, positionsOf } from "./geometry";
import { limitOf, SLACK } from "./norms";
import { candidateLanes, finalLimits, lanesOf } from "./own-terms";

// The terms of a filter gradient: the images, and the gradients of a convolution's outputs.
//
//   x     [batch, inHeight, inWidth, inChannels]
//   dy    [batch, outHeight, outWidth, outChannels]; where there is a mask, the gradient of what a pool made of them,
//         which maskedAvgPoolGrad reads
//   mask  see ../pool/mask.ts; address 0 for none
//   pool  the geometry of the pool, where there is a mask
//   xSquares, dySquares   the sum of squares of each channel of x and of dy (channel-squares.ts)
//   xBits, dyBits   the occupancy of x and of the gradients of the outputs (occupancy.ts); address 0 for none
@unmanaged
export class FilterGradTerms {
  x: usize;
  dy: usize;
  mask: usize;
  pool: usize;
  xSquares: usize;
  dySquares: usize;
  xBits: usize;
  dyBits: usize;
}

// Writes the terms to p, which has room for eight numbers.
export function termsAt(
  p: usize,
  x: usize,
  dy: usize,
  mask: usize,
  pool: usize,
  xSquares: usize,
  dySquares: usize,
  xBits: usize,
  dyBits: usize,
): FilterGradTerms {
  const terms = changetype<FilterGradTerms>(p);
  terms.x = x;
  terms.dy = dy;
  terms.mask = mask;
  terms.pool = pool;
  terms.xSquares = xSquares;
  terms.dySquares = dySquares;
  terms.xBits = xBits;
  terms.dyBits = dyBits;
  return terms;
}

// limits[i] = t times both norms, for the gradients between input channel c and the four output channels from k on.
export function limitsOfFour(limits: usize, terms: FilterGradTerms, c: i32, k: i32, outChannels: i32, t: f32): void {
  const ofX = sqrt<f32>(load<f32>(at(terms.xSquares, c)));
  const ofDy = f32x4.sqrt(loadLanes(at(terms.dySquares, k), outChannels - k));
  v128.store(limits, limitOf(t * SLACK * ofX, ofX, ofDy));
}

// Recomputes gradients that a transform made, of one tap for four output channels. It sums those term by term that are
// small beside what the transform has rounded, as own-terms.ts says for outputs. There is no first look. Where relu
// lets a channel through at borders alone, many gradients have no terms but zeros; the occupancy tells where the others
// are.
//
//   made   four gradients; the kernel replaces those it recomputes
//   limits   the limits of these four
//   ky, kx, c, k    the tap, its input channel and the first of its output channels; lanes past the last channel do not
//                   count
//
// A recomputed sum is one chain in float64 over (oy, ox, image), ascending, rounded once. It leaves out terms whose x
// is 0, so 0 times a number that is not finite may count as 0.
export function recomputeTap(
  made: usize,
  limits: usize,
  terms: FilterGradTerms,
  g: Geometry,
  ky: i32,
  kx: i32,
  c: i32,
  k: i32,
  outChannels: i32,
): void {
  const left = outChannels - k;
  const four = v128.load(made);
  let candidates = candidateLanes(four, v128.load(limits), left);
  if (!candidates) return;
  const none = candidates & i32x4.bitmask(f32x4.eq(v128.load(limits), f32x4.splat(0)));
  v128.store(made, v128.andnot(four, lanesOf(none)));
  candidates &= ~none;
  if (candidates) sumTerms(made, candidates, limits, terms, g, ky, kx, c, k, outChannels);
}

function sumTerms(
  made: usize,
  candidates: i32,
  limits: usize,
  terms: FilterGradTerms,
  g: Geometry,
  ky: i32,
  kx: i32,
  c: i32,
  k: i32,
  outChannels: i32,
): void {
  const left = outChannels - k;
  const limit = finalLimits(v128.load(limits), v128.load(made));
  const firstRow = max<i32>(0, g.padTop - ky);
  const firstColumn = max<i32>(0, g.padLeft - kx);
  const endRow = min<i32>(g.outHeight, g.inHeight + g.padTop - ky);
  const endColumn = min<i32>(g.outWidth, g.inWidth + g.padLeft - kx);
  const inWords = (<usize>wordsOf(g.inChannels)) << 2;
  const outWords = (<usize>wordsOf(outChannels)) << 2;
  const xStep = (<usize>(g.inHeight * g.inWidth * g.inChannels)) << 2;
  let size = f32x4.splat(0);
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let oy = firstRow; oy < endRow; oy++) {
    const row = (oy + ky - g.padTop) * g.inWidth + kx - g.padLeft;
    let xWord = at(terms.xBits, c >> 5) + <usize>(row + firstColumn) * inWords;
    let dyWord = at(terms.dyBits, k >> 5) + <usize>(oy * g.outWidth + firstColumn) * outWords;
    for (let ox = firstColumn; ox < endColumn; ox++, xWord += inWords, dyWord += outWords) {
      if (terms.xBits) {
        // Where one of the two is 0 in all images, they never meet.
        if (!((load<i32>(xWord) >> (c & 31)) & 1)) continue;
        if (!((load<i32>(dyWord) >> (k & 31)) & candidates)) continue;
      }
      let p = at(terms.x, (row + ox) * g.inChannels + c);
      for (let image = 0; image < g.batch; image++, p += xStep) {
        const value = load<f32>(p);
        if (value == 0) continue;
        const four = terms.mask
          ? gradientLanes(terms.dy, terms.mask, changetype<Geometry>(terms.pool), image, oy, ox, k, left)
          : loadLanes(at(terms.dy, ((image * g.outHeight + oy) * g.outWidth + ox) * outChannels + k), left);
        size = f32x4.add(size, f32x4.abs(f32x4.mul(f32x4.splat(value), four)));
        const wide = f64x2.splat(<f64>value);
        low = f64x2.add(low, f64x2.mul(wide, f64x2.promote_low_f32x4(four)));
        high = f64x2.add(high, f64x2.mul(wide, f64x2.promote_low_f32x4(upper(four))));
      }
      candidates &= i32x4.bitmask(v128.not(f32x4.ge(size, limit)));
      if (!candidates) return;
    }
  }
  v128.store(made, v128.bitselect(demoted(low, high), v128.load(made), lanesOf(candidates)));
}

// Checks the terms (../contract.ts).
export function checkTerms(terms: FilterGradTerms, g: Geometry, outChannels: i32): void {
  checkInput("x", terms.x, g.batch * inImage(g));
  if (terms.mask) {
    const pool = changetype<Geometry>(terms.pool);
    checkGeometry(pool);
    checkInput("dy", terms.dy, pool.batch * outImage(pool));
    checkInput("mask", terms.mask, pool.batch * pool.inHeight * pool.inWidth * wordsOf(outChannels));
  } else {
    checkInput("dy", terms.dy, g.batch * positionsOf(g) * outChannels);
  }
  checkInput("xSquares", terms.xSquares, g.inChannels);
  checkInput("dySquares", terms.dySquares, outChannels);
  if (terms.xBits) {
    checkInput("xBits", terms.xBits, g.inHeight * g.inWidth * wordsOf(g.inChannels));
    checkInput("dyBits", terms.dyBits, positionsOf(g) * wordsOf(outChannels));
  }
}
