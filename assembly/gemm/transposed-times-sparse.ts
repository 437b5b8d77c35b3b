import { at, loadLanes, storeLanes } from "../math/lanes";
import { blockSteps } from "./block";
import { entriesOf } from "./sparse-rows";
import { PANEL_APART, sparseTile } from "./sparse-tile";
import { sparseTileWide } from "./sparse-tile-wide";

// Rows of C that are computed together, as columns of its transpose.
export const TILE_ROWS = 48;

// C = transposed A * B, without what the zeros of B would add: the weight gradient of a dense layer behind a relu.
//
//   c              C(i, j) at c + 4 * (i * cRowStride + (j >> 4) * cPanelStride + (j & 15)), as in product-layout.ts
//   a              row-major [k, m]
//   entries, ends  transposed B, [n, k], as compressRows leaves it
//   scratch        ceil(k/48) * 3 * 65 * 16 + 16 * 48 floats of the calling thread's own
//
// All 4-byte aligned, all sizes >= 1; no two overlap. A has to be finite, or a NaN may be missed.
// The bits of gemm with all of B. 48 columns of A are copied to where the first-level cache holds them, then used for all of B, 16
// columns at a time, whose sums turn round on their way to C.
//
// Range: tiles of 48 rows of C.
export function transposedTimesSparse(
  c: usize,
  a: usize,
  entries: usize,
  ends: usize,
  scratch: usize,
  m: i32,
  n: i32,
  k: i32,
  cRowStride: i32,
  cPanelStride: i32,
  begin: i32,
  end: i32,
): void {
  for (let tile = begin; tile < end; tile++)
    multiplyTile(c, a, entries, ends, scratch, m, n, k, cRowStride, cPanelStride, tile, false);
}

// transposedTimesSparse, the same bits, with the tile for joined registers.
export function transposedTimesSparseWide(
  c: usize,
  a: usize,
  entries: usize,
  ends: usize,
  scratch: usize,
  m: i32,
  n: i32,
  k: i32,
  cRowStride: i32,
  cPanelStride: i32,
  begin: i32,
  end: i32,
): void {
  for (let tile = begin; tile < end; tile++)
    multiplyTile(c, a, entries, ends, scratch, m, n, k, cRowStride, cPanelStride, tile, true);
}

function multiplyTile(
  c: usize,
  a: usize,
  entries: usize,
  ends: usize,
  sums: usize,
  m: i32,
  n: i32,
  k: i32,
  cRowStride: i32,
  cPanelStride: i32,
  tile: i32,
  wide: bool,
): void {
  const first = tile * TILE_ROWS;
  const rows = min(TILE_ROWS, m - first);
  const weights = at(sums, 16 * TILE_ROWS);
  // In panels, a tile's part of C is a run of lines: touched during the sums, they are at hand when these are stored.
  const isRun = cRowStride == 16 && rows >= 4;
  copyTile(weights, at(a, first), m, k, rows);
  for (let j = 0; j < n; j += 16) {
    const columns = min(16, n - j);
    const to = at(at(c, first * cRowStride), (j >> 4) * cPanelStride);
    sumColumns(sums, entries, ends, weights, n, k, j, columns, wide, to, isRun ? at(to, 16 * (rows - 4)) : 0);
    transposeTile(to, at(0, cRowStride), sums, rows, columns);
  }
}

// sums [columns][48] for columns of C from `first` on.
function sumColumns(
  sums: usize,
  entries: usize,
  ends: usize,
  weights: usize,
  n: i32,
  k: i32,
  first: i32,
  columns: i32,
  wide: bool,
  ahead: usize,
  lastTouch: usize,
): void {
  const most = blockSteps(k);
  for (let step = 0; step < k; step += most, ends = at(ends, n), weights += 3 * PANEL_APART) {
    const list = entriesOf(entries, n, step);
    if (wide) sparseTileWide(sums, list, ends, weights, first, columns, 4 * TILE_ROWS, step > 0, ahead, 64, lastTouch);
    else sparseTile(sums, list, ends, weights, first, columns, 4 * TILE_ROWS, step > 0, ahead, 64, lastTouch);
  }
}

// `columns` columns of A [k, m] as panels, block after block: [blocks][3][65][16], zeros past them.
function copyTile(weights: usize, a: usize, m: i32, k: i32, columns: i32): void {
  const most = blockSteps(k);
  for (let step = 0; step < k; step++, a = at(a, m)) {
    const line = weights + <usize>(3 * (step / most)) * PANEL_APART + ((<usize>(step % most)) << 6);
    for (let j = 0; j < TILE_ROWS; j += 4) {
      const lanes = j < columns ? loadLanes(at(a, j), columns - j) : f32x4.splat(0);
      v128.store(at(line + <usize>(j >> 4) * PANEL_APART, j & 15), lanes);
    }
  }
}

// c[i][j] = sums[j][i] for i < rows and j < columns, in squares of 4 x 4.
function transposeTile(c: usize, rowBytes: usize, sums: usize, rows: i32, columns: i32): void {
  for (let j = 0; j < columns; j += 4) {
    for (let i = 0; i < rows; i += 4) {
      const from = at(sums, j * TILE_ROWS + i);
      transposeSquare(at(c, j) + <usize>i * rowBytes, rowBytes, from, min(4, rows - i), columns - j);
    }
  }
}

function transposeSquare(c: usize, rowBytes: usize, sums: usize, rows: i32, columns: i32): void {
  const s0 = v128.load(sums);
  const s1 = v128.load(sums, 4 * TILE_ROWS);
  const s2 = v128.load(sums, 8 * TILE_ROWS);
  const s3 = v128.load(sums, 12 * TILE_ROWS);
  const low01 = v128.shuffle<f32>(s0, s1, 0, 4, 1, 5);
  const low23 = v128.shuffle<f32>(s2, s3, 0, 4, 1, 5);
  const high01 = v128.shuffle<f32>(s0, s1, 2, 6, 3, 7);
  const high23 = v128.shuffle<f32>(s2, s3, 2, 6, 3, 7);
  storeLanes(c, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5), columns);
  if (rows > 1) storeLanes((c += rowBytes), v128.shuffle<f32>(low01, low23, 2, 3, 6, 7), columns);
  if (rows > 2) storeLanes((c += rowBytes), v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), columns);
  if (rows > 3) storeLanes(c + rowBytes, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7), columns);
}
