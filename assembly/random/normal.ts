import { checkCall, checkOutput, UNKNOWN } from "../contract";
import { at } from "../math/lanes";
import { logLanes } from "../math/log";
import { sinQuarters } from "../math/sin-cos";
import { philoxBlock, storeBlock } from "./philox";

// Normal numbers from Philox blocks by Box and Muller. Words 0 and 1 of a block give its elements 0 and 1, words 2
// and 3 its elements 2 and 3:
//   u1 = ((word0 >>> 8) + 1) 2^-24 in (0, 1],  u2 = (word1 >>> 8) 2^-24 in [0, 1)
//   r = √(-2 ln u1),  elements r cos 2πu2 and r sin 2πu2
// So |n| <= √(48 ln 2) = 5.77. y holds floats and is 4-byte aligned; philox.ts describes key, step and stream. The
// range is elements.

const TWO_TO_MINUS_24: f32 = 5.9604644775390625e-8;

// y[i] = a standard normal; attempt 0.
export function normal(y: usize, keyLow: i32, keyHigh: i32, step: i32, stream: i32, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) {
    checkCall("normal", begin, end, UNKNOWN);
    checkOutput("y", at(y, begin), end - begin);
  }
  const key = i32x4(keyLow, 0, keyHigh, 0);
  for (let i = begin & ~3; i < end; i += 4) {
    storeBlock(y, normalBlock(i32x4(i >> 2, step, 0, stream), key), i, begin, end);
  }
}

// y[i] = stddev n, where n is a standard normal within [-2, 2]. An element outside is drawn again, at its place in the
// same block of the next attempt.
export function truncatedNormal(
  y: usize,
  keyLow: i32,
  keyHigh: i32,
  step: i32,
  stream: i32,
  stddev: f32,
  begin: i32,
  end: i32,
): void {
  if (!ASC_NO_ASSERT) {
    checkCall("truncatedNormal", begin, end, UNKNOWN);
    checkOutput("y", at(y, begin), end - begin);
  }
  const key = i32x4(keyLow, 0, keyHigh, 0);
  const deviation = f32x4.splat(stddev);
  for (let i = begin & ~3; i < end; i += 4) {
    const lanes = truncatedBlock(i32x4(i >> 2, step, 0, stream), key);
    storeBlock(y, f32x4.mul(deviation, lanes), i, begin, end);
  }
}

function truncatedBlock(counter: v128, key: v128): v128 {
  const nextAttempt = i32x4(0, 0, 1, 0);
  let lanes = normalBlock(counter, key);
  let outside = f32x4.gt(f32x4.abs(lanes), f32x4.splat(2));
  while (v128.any_true(outside)) {
    counter = i32x4.add(counter, nextAttempt);
    lanes = v128.bitselect(normalBlock(counter, key), lanes, outside);
    outside = f32x4.gt(f32x4.abs(lanes), f32x4.splat(2));
  }
  return lanes;
}

function normalBlock(counter: v128, key: v128): v128 {
  const fractions = i32x4.shr_u(philoxBlock(counter, key), 8);
  const evens = i8x16.shuffle(fractions, fractions, 0, 1, 2, 3, 0, 1, 2, 3, 8, 9, 10, 11, 8, 9, 10, 11);
  const odds = i8x16.shuffle(fractions, fractions, 4, 5, 6, 7, 4, 5, 6, 7, 12, 13, 14, 15, 12, 13, 14, 15);
  const scale = f32x4.splat(TWO_TO_MINUS_24);
  const u1 = f32x4.mul(f32x4.convert_i32x4_s(i32x4.add(evens, i32x4.splat(1))), scale);
  const u2 = f32x4.mul(f32x4.convert_i32x4_s(odds), scale);
  const radius = f32x4.sqrt(f32x4.mul(f32x4.splat(-2), logLanes(u1)));
  // A quarter turn more makes the cosine of a sine.
  return f32x4.mul(radius, sinQuarters(u2, i32x4(1, 0, 1, 0)));
}
