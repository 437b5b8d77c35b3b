import { checkCall, checkInput, checkOutput, checkSize } from "../contract";
import { checkTerms, FilterGradTerms, limitsOfFour, recomputeTap, termsAt } from "../conv/filter-grad-terms";
import { Geometry } from "../conv/geometry";
import { at, loadLanes, storeLanes } from "../math/lanes";
import { AT_INFINITY, pointOf, readPair, scaleOf } from "./filter-points";
import { checkWindow, PLANES, SCRATCH_FLOATS } from "./tile";

// Bytes of four numbers.
const FOUR: usize = 16;

// dFilter = G^T dU G for each pair of an input and an output channel, where dU is the sum of parts; added to dFilter if
// asked. Recomputes gradients that may be rounding alone from their own terms (../conv/filter-grad-terms.ts).
//
//   dFilter  [2, 2, inChannels, outChannels]
//   du       [parts] of [25 planes] of [inChannels, outChannels], with partStride floats from one part to the next and
//            planeStride floats from one plane to the next; plane 5 j + i belongs to row point i and column point j
//   x … dyBits   see ../conv/filter-grad-terms.ts
//   geometry of the convolution, strides 1, of 2 x 2 taps
//   t        see ../conv/own-terms.ts
//   scratch  64 floats, one buffer for each thread
//
// All buffers are 4-byte aligned and no two overlap. The kernel computes in float64, two output channels at a time, and
// rounds to float32 at the end. It first adds the parts, ascending. Then it weighs each plane for each tap, over the
// points of a row and then over those of the columns, in the order of five-points.ts. It adds the rounded gradient to
// what dFilter holds. The range is input channels.
export function winogradFilterGrad(
  dFilter: usize,
  du: usize,
  x: usize,
  dy: usize,
  mask: usize,
  pool: usize,
  xSquares: usize,
  dySquares: usize,
  xBits: usize,
  dyBits: usize,
  geometry: usize,
  outChannels: i32,
  planeStride: i32,
  parts: i32,
  partStride: i32,
  accumulate: i32,
  t: f32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const plane = (<usize>planeStride) << 2;
  const partBytes = (<usize>partStride) << 2;
  const tapBytes = (<usize>(g.inChannels * outChannels)) << 2;
  const limits = scratch + 4 * FOUR;
  const terms = termsAt(limits + FOUR, x, dy, mask, pool, xSquares, dySquares, xBits, dyBits);
  if (!ASC_NO_ASSERT) {
    checkCall("winogradFilterGrad", begin, end, g.inChannels);
    checkWindow(g);
    checkSize("outChannels", outChannels);
    checkSize("parts", parts);
    checkOutput("dFilter", dFilter, 4 * g.inChannels * outChannels);
    checkOutput("scratch", scratch, SCRATCH_FLOATS);
    checkInput("du", du, (parts - 1) * partStride + (PLANES - 1) * planeStride + g.inChannels * outChannels);
    checkTerms(terms, g, outChannels);
  }
  for (let c = begin; c < end; c++) {
    for (let k = 0; k < outChannels; k += 4) {
      const from = at(du, c * outChannels + k);
      const left = outChannels - k;
      transformPair(scratch, from, plane, parts, partBytes, left);
      if (left > 2) transformPair(at(scratch, 2), at(from, 2), plane, parts, partBytes, left - 2);
      limitsOfFour(limits, terms, c, k, outChannels, t);
      recomputeTaps(scratch, limits, terms, g, c, k, outChannels);
      storeTaps(at(dFilter, c * outChannels + k), tapBytes, scratch, accumulate, left);
    }
  }
}

// Recomputes the four taps of four output channels.
function recomputeTaps(
  taps: usize,
  limits: usize,
  terms: FilterGradTerms,
  g: Geometry,
  c: i32,
  k: i32,
  outChannels: i32,
): void {
  for (let ky = 0; ky < 2; ky++) {
    for (let kx = 0; kx < 2; kx++, taps += FOUR) recomputeTap(taps, limits, terms, g, ky, kx, c, k, outChannels);
  }
}

function storeTaps(to: usize, tapBytes: usize, from: usize, accumulate: i32, left: i32): void {
  for (let tap = 0; tap < 4; tap++, to += tapBytes, from += FOUR) {
    const gradient = v128.load(from);
    storeLanes(to, accumulate ? f32x4.add(loadLanes(to, left), gradient) : gradient, left);
  }
}

// Makes the gradients of the taps of two output channels, d[row][column]: two floats each, with four floats from one
// tap to the next. `count` is the number of channels from these on.
function transformPair(to: usize, du: usize, plane: usize, parts: i32, partBytes: usize, count: i32): void {
  let d00 = f64x2.splat(0);
  let d01 = d00;
  let d10 = d00;
  let d11 = d00;
  for (let i = 0; i < 5; i++) {
    let t0 = f64x2.splat(0);
    let t1 = t0;
    for (let j = 0; j < AT_INFINITY; j++) {
      const sum = sumOfParts(du + <usize>(5 * j + i) * plane, parts, partBytes, count);
      const term = f64x2.mul(f64x2.splat(scaleOf(j)), sum);
      t0 = f64x2.add(t0, term);
      t1 = f64x2.add(t1, f64x2.mul(term, f64x2.splat(pointOf(j))));
    }
    t1 = f64x2.add(t1, sumOfParts(du + <usize>(5 * AT_INFINITY + i) * plane, parts, partBytes, count));
    if (i == AT_INFINITY) {
      d10 = f64x2.add(d10, t0);
      d11 = f64x2.add(d11, t1);
      break;
    }
    const p = f64x2.splat(pointOf(i));
    const scale = f64x2.splat(scaleOf(i));
    t0 = f64x2.mul(t0, scale);
    t1 = f64x2.mul(t1, scale);
    d00 = f64x2.add(d00, t0);
    d01 = f64x2.add(d01, t1);
    d10 = f64x2.add(d10, f64x2.mul(t0, p));
    d11 = f64x2.add(d11, f64x2.mul(t1, p));
  }
  storeTap(to, d00);
  storeTap((to += FOUR), d01);
  storeTap((to += FOUR), d10);
  storeTap(to + FOUR, d11);
}

function sumOfParts(p: usize, parts: i32, partBytes: usize, count: i32): v128 {
  let sum = readPair(p, count);
  for (let part = 1; part < parts; part++) sum = f64x2.add(sum, readPair((p += partBytes), count));
  return sum;
}

function storeTap(p: usize, gradient: v128): void {
  v128.store64_lane(p, f32x4.demote_f64x2_zero(gradient), 0);
}
