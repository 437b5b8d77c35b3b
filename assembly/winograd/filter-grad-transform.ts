import { at } from "../math/lanes";
import { infinityOf, pointOf, readPair, scaleOf } from "./filter-points";
import { planeOf } from "./planes";

// dFilter = G^T dU G for each pair of an input and an output channel, dU the sum of parts; if asked, added to dFilter.
//
//   dFilter  [taps, taps, inChannels, outChannels]; 5 taps make alpha 8, 2 taps make it 5
//   du       [parts], partStride floats apart, of [alpha * alpha planes, see planes.ts],
//            planeStride floats apart, of [inChannels, outChannels]
//
// Four-byte aligned; nothing overlaps. In float64, two output channels at a time, rounded to float32 at last: first the parts
// are added, ascending; then the planes, each weighed for each tap, over the points of a row and then over those of the
// columns, in the order of their files; at last what dFilter held. The range is input channels.
export function winogradFilterGrad(
  dFilter: usize,
  du: usize,
  taps: i32,
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
      if (taps == 5) fiveTaps(to, tapBytes, from, plane, parts, partBytes, accumulate, outChannels - k);
      else twoTaps(to, tapBytes, from, plane, parts, partBytes, accumulate, outChannels - k);
    }
  }
}

// The gradients of the 25 taps of two output channels, d[row][column]. `count`: how many channels there are from these on.
function fiveTaps(
  to: usize,
  tapBytes: usize,
  du: usize,
  plane: usize,
  parts: i32,
  partBytes: usize,
  accumulate: i32,
  count: i32,
): void {
  const none = f64x2.splat(0);
  let d00 = none;
  let d01 = none;
  let d02 = none;
  let d03 = none;
  let d04 = none;
  let d10 = none;
  let d11 = none;
  let d12 = none;
  let d13 = none;
  let d14 = none;
  let d20 = none;
  let d21 = none;
  let d22 = none;
  let d23 = none;
  let d24 = none;
  let d30 = none;
  let d31 = none;
  let d32 = none;
  let d33 = none;
  let d34 = none;
  let d40 = none;
  let d41 = none;
  let d42 = none;
  let d43 = none;
  let d44 = none;
  for (let i = 0; i < 8; i++) {
    let t0 = none;
    let t1 = none;
    let t2 = none;
    let t3 = none;
    let t4 = none;
    for (let j = 0; j < 8; j++) {
      let term = sumOfParts(du + <usize>planeOf(8, i, j) * plane, parts, partBytes, count);
      if (j == infinityOf(5)) {
        t4 = f64x2.add(t4, term);
        continue;
      }
      const p = f64x2.splat(pointOf(5, j));
      term = f64x2.mul(f64x2.splat(scaleOf(5, j)), term);
      t0 = f64x2.add(t0, term);
      term = f64x2.mul(term, p);
      t1 = f64x2.add(t1, term);
      term = f64x2.mul(term, p);
      t2 = f64x2.add(t2, term);
      term = f64x2.mul(term, p);
      t3 = f64x2.add(t3, term);
      term = f64x2.mul(term, p);
      t4 = f64x2.add(t4, term);
    }
    if (i == infinityOf(5)) {
      d40 = f64x2.add(d40, t0);
      d41 = f64x2.add(d41, t1);
      d42 = f64x2.add(d42, t2);
      d43 = f64x2.add(d43, t3);
      d44 = f64x2.add(d44, t4);
      continue;
    }
    const p = f64x2.splat(pointOf(5, i));
    const scale = f64x2.splat(scaleOf(5, i));
    t0 = f64x2.mul(t0, scale);
    t1 = f64x2.mul(t1, scale);
    t2 = f64x2.mul(t2, scale);
    t3 = f64x2.mul(t3, scale);
    t4 = f64x2.mul(t4, scale);
    d00 = f64x2.add(d00, t0);
    d01 = f64x2.add(d01, t1);
    d02 = f64x2.add(d02, t2);
    d03 = f64x2.add(d03, t3);
    d04 = f64x2.add(d04, t4);
    t0 = f64x2.mul(t0, p);
    t1 = f64x2.mul(t1, p);
    t2 = f64x2.mul(t2, p);
    t3 = f64x2.mul(t3, p);
    t4 = f64x2.mul(t4, p);
    d10 = f64x2.add(d10, t0);
    d11 = f64x2.add(d11, t1);
    d12 = f64x2.add(d12, t2);
    d13 = f64x2.add(d13, t3);
    d14 = f64x2.add(d14, t4);
    t0 = f64x2.mul(t0, p);
    t1 = f64x2.mul(t1, p);
    t2 = f64x2.mul(t2, p);
    t3 = f64x2.mul(t3, p);
    t4 = f64x2.mul(t4, p);
    d20 = f64x2.add(d20, t0);
    d21 = f64x2.add(d21, t1);
    d22 = f64x2.add(d22, t2);
    d23 = f64x2.add(d23, t3);
    d24 = f64x2.add(d24, t4);
    t0 = f64x2.mul(t0, p);
    t1 = f64x2.mul(t1, p);
    t2 = f64x2.mul(t2, p);
    t3 = f64x2.mul(t3, p);
    t4 = f64x2.mul(t4, p);
    d30 = f64x2.add(d30, t0);
    d31 = f64x2.add(d31, t1);
    d32 = f64x2.add(d32, t2);
    d33 = f64x2.add(d33, t3);
    d34 = f64x2.add(d34, t4);
    t0 = f64x2.mul(t0, p);
    t1 = f64x2.mul(t1, p);
    t2 = f64x2.mul(t2, p);
    t3 = f64x2.mul(t3, p);
    t4 = f64x2.mul(t4, p);
    d40 = f64x2.add(d40, t0);
    d41 = f64x2.add(d41, t1);
    d42 = f64x2.add(d42, t2);
    d43 = f64x2.add(d43, t3);
    d44 = f64x2.add(d44, t4);
  }
  storeTap(to, d00, accumulate, count);
  storeTap((to += tapBytes), d01, accumulate, count);
  storeTap((to += tapBytes), d02, accumulate, count);
  storeTap((to += tapBytes), d03, accumulate, count);
  storeTap((to += tapBytes), d04, accumulate, count);
  storeTap((to += tapBytes), d10, accumulate, count);
  storeTap((to += tapBytes), d11, accumulate, count);
  storeTap((to += tapBytes), d12, accumulate, count);
  storeTap((to += tapBytes), d13, accumulate, count);
  storeTap((to += tapBytes), d14, accumulate, count);
  storeTap((to += tapBytes), d20, accumulate, count);
  storeTap((to += tapBytes), d21, accumulate, count);
  storeTap((to += tapBytes), d22, accumulate, count);
  storeTap((to += tapBytes), d23, accumulate, count);
  storeTap((to += tapBytes), d24, accumulate, count);
  storeTap((to += tapBytes), d30, accumulate, count);
  storeTap((to += tapBytes), d31, accumulate, count);
  storeTap((to += tapBytes), d32, accumulate, count);
  storeTap((to += tapBytes), d33, accumulate, count);
  storeTap((to += tapBytes), d34, accumulate, count);
  storeTap((to += tapBytes), d40, accumulate, count);
  storeTap((to += tapBytes), d41, accumulate, count);
  storeTap((to += tapBytes), d42, accumulate, count);
  storeTap((to += tapBytes), d43, accumulate, count);
  storeTap(to + tapBytes, d44, accumulate, count);
}

// The gradients of the 4 taps of two output channels.
function twoTaps(
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
    for (let j = 0; j < 4; j++) {
      const sum = sumOfParts(du + <usize>planeOf(5, i, j) * plane, parts, partBytes, count);
      const term = f64x2.mul(f64x2.splat(scaleOf(2, j)), sum);
      t0 = f64x2.add(t0, term);
      t1 = f64x2.add(t1, f64x2.mul(term, f64x2.splat(pointOf(2, j))));
    }
    t1 = f64x2.add(t1, sumOfParts(du + <usize>planeOf(5, i, 4) * plane, parts, partBytes, count));
    if (i == infinityOf(2)) {
      d10 = f64x2.add(d10, t0);
      d11 = f64x2.add(d11, t1);
      break;
    }
    const p = f64x2.splat(pointOf(2, i));
    const scale = f64x2.splat(scaleOf(2, i));
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
