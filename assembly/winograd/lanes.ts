import { at, loadLanes, storeLanes } from "../math/lanes";

// A line's transform is compiled twice: for four channels, and for the fewer that end a row. The type parameter says which,
// v128 or f32: what its loads and stores move at once. Kernels decide, once a run of lines.

// The first `count` floats at p; where Moved is v128, four.
export function read<Moved>(p: usize, count: i32): v128 {
  if (sizeof<Moved>() == 16) return v128.load(p);
  return loadLanes(p, count);
}

// Stores the first `count` lanes at p; where Moved is v128, four.
export function write<Moved>(p: usize, lanes: v128, count: i32): void {
  if (sizeof<Moved>() == 16) v128.store(p, lanes);
  else storeLanes(p, lanes, count);
}

export function double(x: v128): v128 {
  return f32x4.add(x, x);
}

// The biases from channel c on, as `read` gives them; zeros where there are none, at address 0.
export function biasLanes<Moved>(bias: usize, c: i32, count: i32): v128 {
  return bias ? read<Moved>(at(bias, c), count) : f32x4.splat(0);
}

// The channel where the next four begin: the last four overlap those before them where fours do not go up.
export function nextFour(c: i32, channels: i32): i32 {
  return min<i32>(c + 4, channels - 4);
}
