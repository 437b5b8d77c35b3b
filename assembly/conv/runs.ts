import { at } from "../math/lanes";

// Contiguous runs of floats, moved as bits. Short runs (3 or 5 floats) are common in a convolution, so a run of 4 or
// more ends with a vector that overlaps the one before, in place of a tail.

// to[i] = from[i], 0 <= i < count; the runs do not overlap.
export function copyRun(to: usize, from: usize, count: i32): void {
  if (count < 4) {
    for (let i = 0; i < count; i++) store<i32>(at(to, i), load<i32>(at(from, i)));
    return;
  }
  for (let i = 0; i < count - 4; i += 4) v128.store(at(to, i), v128.load(at(from, i)));
  v128.store(at(to, count - 4), v128.load(at(from, count - 4)));
}

// to[i * toStep + j] = from[i * fromStep + j], 0 <= i < runs, 0 <= j < count; none where runs < 0. The common short
// runs have loops of their own.
export function copyRuns(to: usize, toStep: i32, from: usize, fromStep: i32, runs: i32, count: i32): void {
  const toBytes = toStep << 2;
  const fromBytes = fromStep << 2;
  if (count == 3) {
    for (let i = 0; i < runs; i++, to += toBytes, from += fromBytes) copyThree(to, from);
  } else if (count == 5) {
    for (let i = 0; i < runs; i++, to += toBytes, from += fromBytes) copyFive(to, from);
  } else {
    for (let i = 0; i < runs; i++, to += toBytes, from += fromBytes) copyRun(to, from, count);
  }
}

function copyThree(to: usize, from: usize): void {
  store<i64>(to, load<i64>(from));
  store<i32>(to, load<i32>(from, 8), 8);
}

function copyFive(to: usize, from: usize): void {
  v128.store(to, v128.load(from));
  store<i32>(to, load<i32>(from, 16), 16);
}

// to[i] = 0, 0 <= i < count.
export function zeroRun(to: usize, count: i32): void {
  const zero = i32x4.splat(0);
  if (count < 4) {
    for (let i = 0; i < count; i++) store<i32>(at(to, i), 0);
    return;
  }
  for (let i = 0; i < count - 4; i += 4) v128.store(at(to, i), zero);
  v128.store(at(to, count - 4), zero);
}
