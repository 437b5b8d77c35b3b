import { tile2x12 } from "./tile-2x12";
import { tile2x16 } from "./tile-2x16";
import { tile4x16 } from "./tile-4x16";
import { tile4x4 } from "./tile-4x4";
import { tile4x8 } from "./tile-4x8";

// A sum is made block by block of k: a tile sums the steps of one block in registers and then adds them to C. The
// number of steps is part of the numerics: other numbers give other bits. The error of a sum of k terms grows with the
// root of the block and with the root of the number of blocks, so the root of k is about the best block: 48 lies
// between the roots of 800, 1024 and 3136. A short sum takes 64 and so loads C once or twice only.

// A sum of more steps is a long one.
export const LONG_SUM_STEPS: i32 = 256;

// Steps of a block, in a long sum and in any other.
export const LONG_BLOCK_STEPS: i32 = 48;
export const SHORT_BLOCK_STEPS: i32 = 64;

export function blockSteps(k: i32): i32 {
  return k > LONG_SUM_STEPS ? LONG_BLOCK_STEPS : SHORT_BLOCK_STEPS;
}

export function blocksOf(k: i32): i32 {
  return (k + blockSteps(k) - 1) / blockSteps(k);
}

// Multiplies up to 16 columns of C by one block of k, in the register tile that covers the columns. 13 to 15 columns
// take two tiles, since hardly a model has them. Arguments as in tile-2x16.ts; `wide` chooses the tile for wide
// registers.
export function multiplyBlock(
  c: usize,
  a: usize,
  panel: usize,
  rows: i32,
  columns: i32,
  k: i32,
  cRowBytes: usize,
  aRowBytes: usize,
  aStepBytes: usize,
  add: bool,
  prefetchAt: usize,
  prefetchStride: usize,
  lastPrefetch: usize,
  wide: bool,
): void {
  if (columns == 16 && wide)
    tile4x16(c, a, panel, rows, k, cRowBytes, aRowBytes, aStepBytes, add, prefetchAt, prefetchStride, lastPrefetch);
  else if (columns == 16)
    tile2x16(c, a, panel, rows, k, cRowBytes, aRowBytes, aStepBytes, add, prefetchAt, prefetchStride, lastPrefetch);
  else if (columns <= 12) narrowBlock(c, a, panel, rows, columns, k, cRowBytes, aRowBytes, aStepBytes, add);
  else {
    narrowBlock(c, a, panel, rows, 12, k, cRowBytes, aRowBytes, aStepBytes, add);
    narrowBlock(c + 48, a, panel + 48, rows, columns - 12, k, cRowBytes, aRowBytes, aStepBytes, add);
  }
}

// The same for up to 12 columns, the end of a row of C. The last vector of the tile holds 1 to 4 of them.
function narrowBlock(
  c: usize,
  a: usize,
  panel: usize,
  rows: i32,
  columns: i32,
  k: i32,
  cRowBytes: usize,
  aRowBytes: usize,
  aStepBytes: usize,
  add: bool,
): void {
  const lastLanes = ((columns - 1) & 3) + 1;
  if (columns > 8) tile2x12(c, a, panel, rows, lastLanes, k, cRowBytes, aRowBytes, aStepBytes, add);
  else if (columns > 4) tile4x8(c, a, panel, rows, lastLanes, k, cRowBytes, aRowBytes, aStepBytes, add);
  else tile4x4(c, a, panel, rows, lastLanes, k, cRowBytes, aRowBytes, aStepBytes, add);
}
