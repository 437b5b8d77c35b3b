import { zeroRun } from "../conv/runs";
import { at } from "../math/lanes";
import { infinityOf, pointOf, readPair, scaleOf } from "./filter-points";
import { planeOf } from "./planes";

// U = G f G^T for each pair of an input and an output channel, laid out as the right-hand matrices of products over the
// input channels.
//
//   u       [alpha * alpha planes, see planes.ts] of panels [ceil(outChannels/16)][inChannels][16], planes planeStride floats apart;
//           columns past outChannels are 0
//   filter  [taps, taps, inChannels, outChannels]; 5 taps make alpha 8, 2 taps make it 5
//
// Four-byte aligned; nothing overlaps. In float64, two output channels at a time, rounded to float32 at last: the value of
// each row of the filter, then of the column of these values, by Horner's rule. The range is input channels.
export function winogradFilter(
  u: usize,
  filter: usize,
  taps: i32,
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
      if (taps == 5) fiveTaps(to, plane, from, tapBytes, outChannels - k);
      else twoTaps(to, plane, from, tapBytes, outChannels - k);
    }
    zeroPast(at(u, c << 4), plane, taps + 3, inChannels, outChannels);
  }
}

// What is past the last pair in the last panel, in all planes.
function zeroPast(u: usize, plane: usize, size: i32, inChannels: i32, outChannels: i32): void {
  const first = (outChannels + 1) & ~1;
  const count = -first & 15;
  let to = at(u, (first >> 4) * (inChannels << 4) + (first & 15));
  for (let position = 0; position < size * size; position++, to += plane) zeroRun(to, count);
}

// All 64 planes of two output channels. `count`: how many there are from these on.
function fiveTaps(to: usize, plane: usize, filter: usize, tapBytes: usize, count: i32): void {
  const row = 5 * tapBytes;
  for (let j = 0; j < 8; j++) {
    const t0 = rowOfFive(filter, tapBytes, j, count);
    const t1 = rowOfFive(filter + row, tapBytes, j, count);
    const t2 = rowOfFive(filter + 2 * row, tapBytes, j, count);
    const t3 = rowOfFive(filter + 3 * row, tapBytes, j, count);
    const t4 = rowOfFive(filter + 4 * row, tapBytes, j, count);
    for (let i = 0; i < 8; i++) {
      storePair(to + <usize>planeOf(8, i, j) * plane, valueOfFive(i, t0, t1, t2, t3, t4));
    }
  }
}

// A row of the filter at point j.
function rowOfFive(p: usize, tapBytes: usize, j: i32, count: i32): v128 {
  const t0 = readPair(p, count);
  const t1 = readPair(p + tapBytes, count);
  const t2 = readPair(p + 2 * tapBytes, count);
  const t3 = readPair(p + 3 * tapBytes, count);
  return valueOfFive(j, t0, t1, t2, t3, readPair(p + 4 * tapBytes, count));
}

function valueOfFive(index: i32, t0: v128, t1: v128, t2: v128, t3: v128, t4: v128): v128 {
  if (index == infinityOf(5)) return t4;
  const p = f64x2.splat(pointOf(5, index));
  const upper = f64x2.add(t2, f64x2.mul(p, f64x2.add(t3, f64x2.mul(p, t4))));
  const sum = f64x2.add(t0, f64x2.mul(p, f64x2.add(t1, f64x2.mul(p, upper))));
  return f64x2.mul(f64x2.splat(scaleOf(5, index)), sum);
}

// All 25 planes of two output channels. `count`: how many there are from these on.
function twoTaps(to: usize, plane: usize, filter: usize, tapBytes: usize, count: i32): void {
  const f00 = readPair(filter, count);
  const f01 = readPair(filter + tapBytes, count);
  const f10 = readPair(filter + 2 * tapBytes, count);
  const f11 = readPair(filter + 3 * tapBytes, count);
  for (let j = 0; j < 5; j++) {
    const t0 = valueOfTwo(j, f00, f01);
    const t1 = valueOfTwo(j, f10, f11);
    for (let i = 0; i < 5; i++) storePair(to + <usize>planeOf(5, i, j) * plane, valueOfTwo(i, t0, t1));
  }
}

function valueOfTwo(index: i32, t0: v128, t1: v128): v128 {
  if (index == infinityOf(2)) return t1;
  const sum = f64x2.add(t0, f64x2.mul(f64x2.splat(pointOf(2, index)), t1));
  return f64x2.mul(f64x2.splat(scaleOf(2, index)), sum);
}

function storePair(p: usize, lanes: v128): void {
  v128.store64_lane(p, f32x4.demote_f64x2_zero(lanes), 0);
}
