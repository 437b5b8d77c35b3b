// The four float32 lanes of a v128, and the loads and stores of fewer than four that end a row.
// A tail goes through the same lane code as everything before it, so its bits are the same.

// Floats that a vector holds.
export const LANES: i32 = 4;

// The address of element i of an array of 4-byte elements.
export function at(base: usize, i: i32): usize {
  return base + ((<usize>i) << 2);
}

// The first min(count, 4) floats at p; lanes past them are 0. count >= 1. Reads nothing past them.
export function loadLanes(p: usize, count: i32): v128 {
  if (count >= 4) return v128.load(p);
  if (count == 1) return v128.load32_zero(p);
  const pair = v128.load64_zero(p);
  return count == 2 ? pair : v128.load32_lane(p, pair, 2, 8);
}

// Stores the first min(count, 4) lanes at p. count >= 1. Writes nothing past them.
export function storeLanes(p: usize, lanes: v128, count: i32): void {
  if (count >= 4) {
    v128.store(p, lanes);
  } else if (count == 1) {
    v128.store32_lane(p, lanes, 0);
  } else {
    v128.store64_lane(p, lanes, 0);
    if (count == 3) v128.store32_lane(p, lanes, 2, 8);
  }
}

// Stores the last `count` of four lanes at their places behind p, the place of lane 0. 1 <= count <= 3. Writes nothing
// else.
export function storeLastLanes(p: usize, lanes: v128, count: i32): void {
  if (count == 1) {
    v128.store32_lane(p, lanes, 3, 12);
  } else {
    if (count == 3) v128.store32_lane(p, lanes, 1, 4);
    v128.store64_lane(p, lanes, 1, 8);
  }
}

// All ones in lanes 0 .. count-1, zeros in the others.
export function firstLanes(count: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count));
}

// (l0 + l2) + (l1 + l3).
export function sumLanes(lanes: v128): f32 {
  const pairs = f32x4.add(lanes, i8x16.shuffle(lanes, lanes, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

// The largest of four lanes of which none is below 0 or NaN.
export function largestLane(lanes: v128): f32 {
  const pairs = f32x4.pmax(lanes, upper(lanes));
  const first = f32x4.extract_lane(pairs, 0);
  const second = f32x4.extract_lane(pairs, 1);
  return first < second ? second : first;
}

// The last two lanes, moved to the place of the first two.
export function upper(lanes: v128): v128 {
  return v128.shuffle<f32>(lanes, lanes, 2, 3, 2, 3);
}

// Four float64 numbers, two in each operand, rounded to float32.
export function demoted(low: v128, high: v128): v128 {
  const first = f32x4.demote_f64x2_zero(low);
  return v128.shuffle<f32>(first, f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

// The largest of the four lanes; NaN if one is NaN.
export function maxLanes(lanes: v128): f32 {
  const pairs = f32x4.max(lanes, i8x16.shuffle(lanes, lanes, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return max<f32>(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
}
