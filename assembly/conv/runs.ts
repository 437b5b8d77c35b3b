import { at } from "../math/lanes";

// Contiguous runs of floats, moved as bits. The short runs of a convolution (3 or 5 floats) are common, so a run of 4
// or more ends with a vector that overlaps the one before instead of a tail.

// to[i] = from[i], 0 <= i < count; the runs do not overlap.
export function copyRun(to: usize, from: usize, count: i32): void {
  if (count < 4) {
    for (let i = 0; i < count; i++) store<i32>(at(to, i), load<i32>(at(from, i)));
    return;
  }
  for (let i = 0; i < count - 4; i += 4) v128.store(at(to, i), v128.load(at(from, i)));
  v128.store(at(to, count - 4), v128.load(at(from, count - 4)));
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
