import { checkAtLeast, checkCall, checkInput, checkOutput, checkSize } from "../contract";
import { zeroRun } from "../conv/runs";
import { at } from "../math/lanes";
import { AT_INFINITY, pointOf, readPair, scaleOf } from "./filter-points";
import { PLANES } from "./tile";

// U = G f G^T for each pair of an input and an output channel, as the right-hand matrices of products over the input
// channels.
//
//   u       [25 planes] of panels [ceil(outChannels/16)][inChannels][16], with planeStride floats from one plane to the
//           next, and 0 in the columns past outChannels; plane 5 j + i belongs to row point i and column point j
//   filter  [2, 2, inChannels, outChannels]
//
// Both buffers are 4-byte aligned and do not overlap. The kernel computes in float64, two output channels at a time,
// and rounds to float32 at the end. It takes the value of each row of the filter, and then that of the column of these
// values. The range is input channels.
export function winogradFilter(
  u: usize,
  filter: usize,
  inChannels: i32,
  outChannels: i32,
  planeStride: i32,
  begin: i32,
  end: i32,
): void {
  if (!ASC_NO_ASSERT) {
    const panels = ((outChannels + 15) >> 4) * inChannels * 16;
    checkCall("winogradFilter", begin, end, inChannels);
    checkSize("outChannels", outChannels);
    checkAtLeast("planeStride", planeStride, panels);
    checkOutput("u", u, (PLANES - 1) * planeStride + panels);
    checkInput("filter", filter, 4 * inChannels * outChannels);
  }
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

// Makes all planes of two output channels. `count` is the number of channels from these on.
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

// Writes zeros past the last pair in the last panel, in all planes.
function zeroPast(u: usize, plane: usize, inChannels: i32, outChannels: i32): void {
  const first = (outChannels + 1) & ~1;
  const count = -first & 15;
  let to = at(u, (first >> 4) * (inChannels << 4) + (first & 15));
  for (let p = 0; p < 25; p++, to += plane) zeroRun(to, count);
}
