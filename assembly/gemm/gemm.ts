import { tile2x12 } from "./tile-2x12";
import { tile2x16 } from "./tile-2x16";
import { tile4x4 } from "./tile-4x4";
import { tile4x8 } from "./tile-4x8";

// Steps of k summed in registers before C is touched. Part of the numerics: another value gives other bits. The error of a
// sum grows with the root of the block and of the number of blocks, so about the root of K (800, 3136) is best; what the
// extra visits to C cost is within the noise.
const BLOCK_STEPS = 64;

// C[i, j] = (accumulate ? C[i, j] : 0) + sum over k of A(i, k) * B(k, j)
//
//   c         row-major [m, n]
//   a         A(i, k) lies at a + 4 * (i * aRowStride + k * aStep): (k, 1) is a row-major [m, k], (1, m) a transposed [k, m]
//   panels    B as packPanels leaves it, [ceil(n/16)][k][16]
//
// All 4-byte aligned, all sizes >= 1; c overlaps neither a nor panels.
// Order of summation: k in blocks of 64; in a block one chain from 0 in ascending k, product and sum both rounded; block sums are
// added to C in ascending order, where the first one is stored instead unless `accumulate` is 1. Neither the register tile that
// holds an element nor the range changes it.
//
// Range: macro tiles of 64 rows x 16 columns, row block by row block: tile = rowBlock * ceil(n/16) + panel, of which there are
// ceil(m/64) * ceil(n/16). The 64 rows of A then serve one panel after the other from the second-level cache.
export function gemm(
  c: usize,
  a: usize,
  panels: usize,
  m: i32,
  n: i32,
  k: i32,
  aRowStride: i32,
  aStep: i32,
  accumulate: i32,
  begin: i32,
  end: i32,
): void {
  const panelCount = (n + 15) >> 4;
  for (let tile = begin; tile < end; tile++) {
    const rowBlock = tile / panelCount;
    const panel = tile - rowBlock * panelCount;
    const row = rowBlock << 6;
    const column = panel << 4;
    macroTile(
      c + ((<usize>row * <usize>n + <usize>column) << 2),
      a + ((<usize>row * <usize>aRowStride) << 2),
      panels + ((<usize>panel * <usize>k) << 6),
      min(64, m - row),
      min(16, n - column),
      k,
      (<usize>n) << 2,
      (<usize>aRowStride) << 2,
      (<usize>aStep) << 2,
      accumulate != 0,
    );
  }
}

// Up to 64 rows x 16 columns, block by block of k, with the narrowest register tile that covers the columns.
function macroTile(
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
  for (let left = k; left > 0; left -= BLOCK_STEPS) {
    const steps = min(BLOCK_STEPS, left);
    if (columns > 12) tile2x16(c, a, panel, rows, lastLanes, steps, cRowBytes, aRowBytes, aStepBytes, add);
    else if (columns > 8) tile2x12(c, a, panel, rows, lastLanes, steps, cRowBytes, aRowBytes, aStepBytes, add);
    else if (columns > 4) tile4x8(c, a, panel, rows, lastLanes, steps, cRowBytes, aRowBytes, aStepBytes, add);
    else tile4x4(c, a, panel, rows, lastLanes, steps, cRowBytes, aRowBytes, aStepBytes, add);
    a += <usize>BLOCK_STEPS * aStepBytes;
    panel += (<usize>BLOCK_STEPS) << 6;
    add = true;
  }
}
