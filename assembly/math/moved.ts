import { loadLanes, storeLanes } from "./lanes";

// Lane code runs for most channels, and for the fewer than four that end a row. It is compiled once for each: the type
// parameter says what the loads and stores move at once, v128 or f32. Kernels decide before their loops.

// The first `count` floats at p, or four where Moved is v128.
export function read<Moved>(p: usize, count: i32): v128 {
  if (sizeof<Moved>() == 16) return v128.load(p);
  return loadLanes(p, count);
}

// Stores the first `count` lanes at p, or four where Moved is v128.
export function write<Moved>(p: usize, lanes: v128, count: i32): void {
  if (sizeof<Moved>() == 16) v128.store(p, lanes);
  else storeLanes(p, lanes, count);
}
