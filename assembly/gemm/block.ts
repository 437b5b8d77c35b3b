import { tile2x12 } from "./tile-2x12";
import { tile2x16 } from "./tile-2x16";
import { tile4x16 } from "./tile-4x16";
import { tile4x4 } from "./tile-4x4";
import { tile4x8 } from "./tile-4x8";

// Steps of k summed in registers before C is touched. Part of the numerics: other values give other bits. The error of a sum
// of k terms grows with the root of the block and of the number of blocks, so about the root of k is best: 48 lies
// between those of 800, 1024 and 3136. Short sums take 64 and so visit C once or twice only.
export function blockSteps(k: i32): i32 {
  return k > 256 ? 48 : 64;
}

// Up to 16 columns of C by one block of k, in the register tile that covers them; 13..15 in two, as hardly a model has them.
// Arguments as in tile-2x16.ts; `wide` takes the tiles for joined registers.
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
  ahead: usize,
  apart: usize,
  lastTouch: usize,
  wide: bool,
): void {
  if (columns == 16 && wide)
    tile4x16(c, a, panel, rows, k, cRowBytes, aRowBytes, aStepBytes, add, ahead, apart, lastTouch);
  else if (columns == 16)
    tile2x16(c, a, panel, rows, k, cRowBytes, aRowBytes, aStepBytes, add, ahead, apart, lastTouch);
  else if (columns <= 12) narrowBlock(c, a, panel, rows, columns, k, cRowBytes, aRowBytes, aStepBytes, add);
  else {
    narrowBlock(c, a, panel, rows, 12, k, cRowBytes, aRowBytes, aStepBytes, add);
    narrowBlock(c + 48, a, panel + 48, rows, columns - 12, k, cRowBytes, aRowBytes, aStepBytes, add);
  }
}

// Up to 12 columns: the end of a row of C, of which the last vector of a tile may hold 1..4.
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
