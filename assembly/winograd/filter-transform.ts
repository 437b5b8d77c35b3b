import { zeroRun } from "../conv/runs";
import { at } from "../math/lanes";
import { AT_INFINITY, pointOf, readPair, scaleOf } from "./filter-points";

// U = G f G^T for each pair of an input and an output channel, laid out as the right-hand matrices of products over the
// input channels.
//
//   u       [25 planes] of panels [ceil(outChannels/16)][inChannels][16], planes planeStride floats apart; plane 5 j + i is that
//           of row point i and column point j; columns past outChannels are 0
//   filter  [2, 2, inChannels, outChannels]
//
// Four-byte aligned; nothing overlaps. In float64, two output channels at a time, rounded to float32 at last: the value of
// each row of the filter, then of the column of these values. The range is input channels.
export function winogradFilter(
  u: usize,
  filter: usize,
  inChannels: i32,
  outChannels: i32,
  planeStride: i32,
  begin: i32,
  end: i32,
): void {
  const plane = (<usize>planeStride) << 2;
  const tapBytes = (<usize>(inChannels * outChannels)) << 2;
  for (let c = begin; c < end; c++) {
    for (let k = 0; k < outChannels; k += 2) {
      const to = at(u, (k >> 4) * (inChannels << 4) + (c << 4) + (k & 15));
      const from = at(filter, c * outChannels + k);
      transformPair(to, plane, from, tapBytes, outChannels - k);
    }
    zeroPast(at(u, c << 4), plane, inChannels, outChannels);
  }
}

// All planes of two output channels. `count`: how many there are from these on.
function transformPair(to: usize, plane: usize, filter: usize, tapBytes: usize, count: i32): void {
  const f00 = readPair(filter, count);
  const f01 = readPair(filter + tapBytes, count);
  const f10 = readPair(filter + 2 * tapBytes, count);
  const f11 = readPair(filter + 3 * tapBytes, count);
  for (let j = 0; j < 5; j++) {
    const t0 = valueAt(j, f00, f01);
    const t1 = valueAt(j, f10, f11);
    for (let i = 0; i < 5; i++) storePair(to + <usize>(5 * j + i) * plane, valueAt(i, t0, t1));
  }
}

// The value of two taps at a point.
function valueAt(index: i32, t0: v128, t1: v128): v128 {
  if (index == AT_INFINITY) return t1;
  const sum = f64x2.add(t0, f64x2.mul(f64x2.splat(pointOf(index)), t1));
  return f64x2.mul(f64x2.splat(scaleOf(index)), sum);
}

function storePair(p: usize, lanes: v128): void {
  v128.store64_lane(p, f32x4.demote_f64x2_zero(lanes), 0);
}

// What is past the last pair in the last panel, in all planes.
function zeroPast(u: usize, plane: usize, inChannels: i32, outChannels: i32): void {
  const first = (outChannels + 1) & ~1;
  const count = -first & 15;
  let to = at(u, (first >> 4) * (inChannels << 4) + (first & 15));
  for (let p = 0; p < 25; p++, to += plane) zeroRun(to, count);
}
