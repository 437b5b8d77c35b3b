import { at } from "../math/lanes";
import { AT_INFINITY, pointOf, readPair, scaleOf } from "./filter-points";

// dFilter = G^T dU G for each pair of an input and an output channel, dU the sum of parts; if asked, added to dFilter.
//
//   dFilter  [2, 2, inChannels, outChannels]
//   du       [parts], partStride floats apart, of [25 planes], planeStride floats apart, of [inChannels, outChannels]; plane
//            5 j + i is that of row point i and column point j
//
// Four-byte aligned; nothing overlaps. In float64, two output channels at a time, rounded to float32 at last: first the parts
// are added, ascending; then the planes, each weighed for each tap, over the points of a row and then over those of the
// columns, in the order of five-points.ts; at last what dFilter held. The range is input channels.
export function winogradFilterGrad(
  dFilter: usize,
  du: usize,
  inChannels: i32,
  outChannels: i32,
  planeStride: i32,
  parts: i32,
  partStride: i32,
  accumulate: i32,
  begin: i32,
  end: i32,
): void {
  const plane = (<usize>planeStride) << 2;
  const partBytes = (<usize>partStride) << 2;
  const tapBytes = (<usize>(inChannels * outChannels)) << 2;
  for (let c = begin; c < end; c++) {
    for (let k = 0; k < outChannels; k += 2) {
      const to = at(dFilter, c * outChannels + k);
      const from = at(du, c * outChannels + k);
      transformPair(to, tapBytes, from, plane, parts, partBytes, accumulate, outChannels - k);
    }
  }
}

// The gradients of the taps of two output channels, d[row][column]. `count`: how many channels there are from these on.
function transformPair(
  to: usize,
  tapBytes: usize,
  du: usize,
  plane: usize,
  parts: i32,
  partBytes: usize,
  accumulate: i32,
  count: i32,
): void {
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
  storeTap(to, d00, accumulate, count);
  storeTap((to += tapBytes), d01, accumulate, count);
  storeTap((to += tapBytes), d10, accumulate, count);
  storeTap(to + tapBytes, d11, accumulate, count);
}

function sumOfParts(p: usize, parts: i32, partBytes: usize, count: i32): v128 {
  let sum = readPair(p, count);
  for (let part = 1; part < parts; part++) sum = f64x2.add(sum, readPair((p += partBytes), count));
  return sum;
}

function storeTap(p: usize, gradient: v128, accumulate: i32, count: i32): void {
  if (accumulate) gradient = f64x2.add(gradient, readPair(p, count));
  const lanes = f32x4.demote_f64x2_zero(gradient);
  if (count == 1) v128.store32_lane(p, lanes, 0);
  else v128.store64_lane(p, lanes, 0);
}
