import { checkAtLeast, checkCall, checkInput, checkOutput, checkSize } from "../contract";
import { at, loadLanes, storeLanes } from "../math/lanes";
import { blocksOf, blockSteps } from "./block";
import { entriesOf } from "./sparse-rows";
import { PANEL_STRIDE, sparseTile, TILE_COLUMNS, TILE_FLOATS } from "./sparse-tile";
import { sparseTileWide } from "./sparse-tile-wide";

// Rows of C that a tile computes together, as columns of the transpose of C.
const TILE_ROWS: i32 = TILE_COLUMNS;

// C = transposed A * B without the products of B's zeros: the weight gradient of a dense layer behind a relu.
//
//   c              C(i, j) at c + 4 * (i * cRowStride + (j >> 4) * cPanelStride + (j & 15)), as in product-layout.ts
//   a              row-major [k, m]
//   entries, ends  transposed B, [n, k], as compressRows leaves it
//   scratch        blocks of k (block.ts) * 3 * 65 * 16 + 16 * 48 floats, one buffer for each thread
//
// All buffers are 4-byte aligned and no two overlap; all sizes are at least 1. A must be finite: otherwise a NaN may be
// missing from C. The kernel gives the bits of gemm with all of B. It copies 48 columns of A to scratch, where the
// first-level cache holds them, and uses them for all of B, 16 columns at a time. It transposes the sums of these on
// their way to C.
//
// The range is tiles of 48 rows of C.
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
  if (!ASC_NO_ASSERT) {
    const kernel = "transposedTimesSparse";
    checkSparse(kernel, c, a, entries, ends, scratch, m, n, k, cRowStride, cPanelStride, begin, end);
  }
  for (let tile = begin; tile < end; tile++)
    multiplyTile(c, a, entries, ends, scratch, m, n, k, cRowStride, cPanelStride, tile, false);
}

// transposedTimesSparse with the same bits, in the tile for wide registers.
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
  if (!ASC_NO_ASSERT) {
    const kernel = "transposedTimesSparseWide";
    checkSparse(kernel, c, a, entries, ends, scratch, m, n, k, cRowStride, cPanelStride, begin, end);
  }
  for (let tile = begin; tile < end; tile++)
    multiplyTile(c, a, entries, ends, scratch, m, n, k, cRowStride, cPanelStride, tile, true);
}

function checkSparse(
  kernel: string,
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
  checkCall(kernel, begin, end, (m + TILE_ROWS - 1) / TILE_ROWS);
  checkSize("m", m);
  checkSize("n", n);
  checkSize("k", k);
  checkAtLeast("cRowStride", cRowStride, min(n, 16));
  checkAtLeast("cPanelStride", cPanelStride, 16);
  checkOutput("c", c, (m - 1) * cRowStride + ((n - 1) >> 4) * cPanelStride + ((n - 1) & 15) + 1);
  checkOutput("scratch", scratch, blocksOf(k) * TILE_FLOATS + 16 * TILE_ROWS);
  checkInput("a", a, k * m);
  checkInput("entries", entries, 2 * (k + 1) * n);
  checkInput("ends", ends, blocksOf(k) * n);
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
  // In panels, a tile's part of C is a run of lines. Prefetched during the sums, they are in the cache when these are
  // stored.
  const isRun = cRowStride == 16 && rows >= 4;
  copyTile(weights, at(a, first), m, k, rows);
  for (let j = 0; j < n; j += 16) {
    const columns = min(16, n - j);
    const to = at(at(c, first * cRowStride), (j >> 4) * cPanelStride);
    sumColumns(sums, entries, ends, weights, n, k, j, columns, wide, to, isRun ? at(to, 16 * (rows - 4)) : 0);
    transposeTile(to, at(0, cRowStride), sums, rows, columns);
  }
}

// Makes sums [columns][48] for the columns of C from `first` on.
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
  prefetchAt: usize,
  lastPrefetch: usize,
): void {
  const most = blockSteps(k);
  for (let step = 0; step < k; step += most, ends = at(ends, n), weights += 3 * PANEL_STRIDE) {
    const list = entriesOf(entries, n, step);
    if (wide)
      sparseTileWide(sums, list, ends, weights, first, columns, 4 * TILE_ROWS, step > 0, prefetchAt, 64, lastPrefetch);
    else sparseTile(sums, list, ends, weights, first, columns, 4 * TILE_ROWS, step > 0, prefetchAt, 64, lastPrefetch);
  }
}

// Copies `columns` columns of A [k, m] into panels, block after block: [blocks][3][65][16], with zeros past the
// columns.
function copyTile(weights: usize, a: usize, m: i32, k: i32, columns: i32): void {
  const most = blockSteps(k);
  for (let step = 0; step < k; step++, a = at(a, m)) {
    const line = weights + <usize>(3 * (step / most)) * PANEL_STRIDE + ((<usize>(step % most)) << 6);
    for (let j = 0; j < TILE_ROWS; j += 4) {
      const lanes = j < columns ? loadLanes(at(a, j), columns - j) : f32x4.splat(0);
      v128.store(at(line + <usize>(j >> 4) * PANEL_STRIDE, j & 15), lanes);
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
