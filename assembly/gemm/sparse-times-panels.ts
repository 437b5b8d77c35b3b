import { checkCall, checkInput, checkOutput, checkSize } from "../contract";
import { at, loadLanes, storeLanes } from "../math/lanes";
import { blocksOf, blockSteps } from "./block";
import { transposeBlock } from "./gemm-panels-transposed";
import { sparsePanel } from "./sparse-panel";
import { entriesOf } from "./sparse-rows";
import { PANEL_STRIDE, sparseTile, TILE_COLUMNS, TILE_FLOATS } from "./sparse-tile";
import { sparseTileWide } from "./sparse-tile-wide";
import { lastPrefetchOf } from "./prefetch";

// C = A * B without the products of A's zeros: a dense layer above a relu.
//
//   c              row-major [m, n]
//   entries, ends  A [m, k] as compressRows leaves it
//   panels         B [k, n] as packPanels leaves it: [ceil(n/16)][k][16]
//   scratch        3 * 65 * 16 + 16 m floats, one buffer for each thread
//
// All buffers are 4-byte aligned and no two overlap; all sizes are at least 1. B must be finite: otherwise a NaN may be
// missing from C. The kernel gives the bits of gemm with all of A. It copies each block of weights, 48 columns wide, to
// scratch, where the first-level cache holds it, and then uses it for all rows.
//
// The range is tiles of 48 columns of C.
export function sparseTimesPanels(
  c: usize,
  entries: usize,
  ends: usize,
  panels: usize,
  scratch: usize,
  m: i32,
  n: i32,
  k: i32,
  begin: i32,
  end: i32,
): void {
  if (!ASC_NO_ASSERT) checkSparse("sparseTimesPanels", c, entries, ends, panels, scratch, m, n, k, false, begin, end);
  for (let tile = begin; tile < end; tile++)
    multiplyTile(c, entries, ends, panels, scratch, m, n, k, tile, false, false);
}

// sparseTimesPanels with the same bits, in the tile for wide registers.
export function sparseTimesPanelsWide(
  c: usize,
  entries: usize,
  ends: usize,
  panels: usize,
  scratch: usize,
  m: i32,
  n: i32,
  k: i32,
  begin: i32,
  end: i32,
): void {
  if (!ASC_NO_ASSERT)
    checkSparse("sparseTimesPanelsWide", c, entries, ends, panels, scratch, m, n, k, false, begin, end);
  for (let tile = begin; tile < end; tile++)
    multiplyTile(c, entries, ends, panels, scratch, m, n, k, tile, false, true);
}

// C = A * transposed W without the products of A's zeros: the input gradient of a dense layer below a relu. The
// arguments are those of sparseTimesPanels, but for:
//
//   panels  W [n, k] as packPanels leaves it: [ceil(k/16)][n][16]
//
// The kernel gives the bits of gemmPanelsTransposed with all of A. It transposes each block of weights on its way to
// scratch.
export function sparseTimesPanelsTransposed(
  c: usize,
  entries: usize,
  ends: usize,
  panels: usize,
  scratch: usize,
  m: i32,
  n: i32,
  k: i32,
  begin: i32,
  end: i32,
): void {
  if (!ASC_NO_ASSERT)
    checkSparse("sparseTimesPanelsTransposed", c, entries, ends, panels, scratch, m, n, k, true, begin, end);
  for (let tile = begin; tile < end; tile++)
    multiplyTile(c, entries, ends, panels, scratch, m, n, k, tile, true, false);
}

// sparseTimesPanelsTransposed with the same bits, in the tile for wide registers.
export function sparseTimesPanelsTransposedWide(
  c: usize,
  entries: usize,
  ends: usize,
  panels: usize,
  scratch: usize,
  m: i32,
  n: i32,
  k: i32,
  begin: i32,
  end: i32,
): void {
  if (!ASC_NO_ASSERT) {
    checkSparse("sparseTimesPanelsTransposedWide", c, entries, ends, panels, scratch, m, n, k, true, begin, end);
  }
  for (let tile = begin; tile < end; tile++) multiplyTile(c, entries, ends, panels, scratch, m, n, k, tile, true, true);
}

function checkSparse(
  kernel: string,
  c: usize,
  entries: usize,
  ends: usize,
  panels: usize,
  scratch: usize,
  m: i32,
  n: i32,
  k: i32,
  transposed: bool,
  begin: i32,
  end: i32,
): void {
  checkCall(kernel, begin, end, (n + TILE_COLUMNS - 1) / TILE_COLUMNS);
  checkSize("m", m);
  checkSize("n", n);
  checkSize("k", k);
  checkOutput("c", c, m * n);
  checkOutput("scratch", scratch, TILE_FLOATS + 16 * m);
  checkInput("entries", entries, 2 * (k + 1) * m);
  checkInput("ends", ends, blocksOf(k) * m);
  checkInput("panels", panels, 16 * (transposed ? ((k + 15) >> 4) * n : ((n + 15) >> 4) * k));
}

function multiplyTile(
  c: usize,
  entries: usize,
  ends: usize,
  panels: usize,
  scratch: usize,
  m: i32,
  n: i32,
  k: i32,
  tile: i32,
  transposed: bool,
  wide: bool,
): void {
  const first = tile * TILE_COLUMNS;
  const columns = min(TILE_COLUMNS, n - first);
  const most = blockSteps(k);
  const panelBytes = (<usize>(transposed ? n : k)) << 6;
  const lastOfAll = lastPrefetchOf(panels, transposed ? ((k + 15) >> 4) * n : ((n + 15) >> 4) * k, panelBytes);
  const lastLine = (<usize>(transposed ? TILE_COLUMNS : most) - 1) << 6;
  let weights = blockAt(panels, panelBytes, first, 0, transposed);
  c = at(c, first);
  for (let step = 0; step < k; step += most, ends = at(ends, m)) {
    const steps = min(most, k - step);
    const list = entriesOf(entries, m, step);
    if (transposed) transposePanels(scratch, weights, panelBytes, steps, columns);
    else copyBlock(scratch, weights, panelBytes, steps, columns);
    const isLast = step + most >= k;
    weights = blockAt(panels, panelBytes, isLast ? first + TILE_COLUMNS : first, isLast ? 0 : step + most, transposed);
    const lastPrefetch = min(weights + lastLine, lastOfAll);
    if (columns < TILE_COLUMNS) multiplyRest(c, list, ends, scratch, m, n, columns, step > 0);
    else if (wide) sparseTileWide(c, list, ends, scratch, 0, m, at(0, n), step > 0, weights, panelBytes, lastPrefetch);
    else sparseTile(c, list, ends, scratch, 0, m, at(0, n), step > 0, weights, panelBytes, lastPrefetch);
  }
}

// The address of the weights of B's columns from `first` on and of the steps from `step` on. A panel holds [k][16]. In
// the panels of transposed B, W [n, k], a column is a line, and every 16 steps lie in another panel.
function blockAt(panels: usize, panelBytes: usize, first: i32, step: i32, transposed: bool): usize {
  const panel = transposed ? step >> 4 : first >> 4;
  const line = transposed ? first : step;
  return panels + <usize>panel * panelBytes + ((<usize>line) << 6);
}

// Copies one block to weights [3][65][16]. Each panel of B begins `panelBytes` after the one before.
function copyBlock(weights: usize, from: usize, panelBytes: usize, steps: i32, columns: i32): void {
  for (let j = 0; j < columns; j += 16, weights += PANEL_STRIDE, from += panelBytes) {
    for (let i: usize = 0; i < (<usize>steps) << 6; i += 16) v128.store(weights + i, v128.load(from + i));
  }
}

// The same from the panels of transposed B.
function transposePanels(weights: usize, from: usize, panelBytes: usize, steps: i32, columns: i32): void {
  for (let j = 0; j < columns; j += 16, weights += PANEL_STRIDE, from += 1024)
    transposeBlock(weights, from, panelBytes, steps, min(16, columns - j));
}

// Multiplies the columns that are no whole tile, 16 at a time. Where C has fewer, it sums in the scratch and then adds
// to C.
function multiplyRest(
  c: usize,
  entries: usize,
  ends: usize,
  weights: usize,
  m: i32,
  n: i32,
  columns: i32,
  add: bool,
): void {
  const sums = weights + 3 * PANEL_STRIDE;
  for (; columns > 0; columns -= 16, c += 64, weights += PANEL_STRIDE) {
    const whole = columns >= 16;
    sparsePanel(whole ? c : sums, entries, ends, weights, m, whole ? at(0, n) : 64, whole && add);
    if (!whole) addColumns(c, n, sums, m, columns, add);
  }
}

// Adds the first `columns` of each of m rows of 16 sums to C, or stores them.
function addColumns(c: usize, n: i32, sums: usize, m: i32, columns: i32, add: bool): void {
  for (let row = 0; row < m; row++) {
    for (let j = 0; j < columns; j += 4) {
      const to = at(c, row * n + j);
      const lanes = v128.load(at(sums, (row << 4) + j));
      storeLanes(to, add ? f32x4.add(loadLanes(to, columns - j), lanes) : lanes, columns - j);
    }
  }
}
