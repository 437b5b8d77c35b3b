import { at, loadLanes, storeLanes } from "../math/lanes";
import { blockSteps } from "./block";
import { transposeBlock } from "./gemm-panels-transposed";
import { sparsePanel } from "./sparse-panel";
import { entriesOf } from "./sparse-rows";
import { PANEL_APART, sparseTile } from "./sparse-tile";
import { sparseTileWide } from "./sparse-tile-wide";
import { lastTouchOf } from "./touch";

// Columns of C that are computed together.
export const TILE_COLUMNS = 48;

// C = A * B, without what the zeros of A would add: a dense layer above a relu.
//
//   c              row-major [m, n]
//   entries, ends  A [m, k] as compressRows leaves it
//   panels         B [k, n] as packPanels leaves it: [ceil(n/16)][k][16]
//   scratch        3 * 65 * 16 + 16 m floats of the calling thread's own
//
// All 4-byte aligned, all sizes >= 1; no two overlap. B has to be finite, or a NaN may be missed.
// The bits of gemm with all of A. Each block of weights, 48 wide, is copied to where the first-level cache holds it, and then used for
// all rows.
//
// Range: tiles of 48 columns of C.
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
  for (let tile = begin; tile < end; tile++)
    multiplyTile(c, entries, ends, panels, scratch, m, n, k, tile, false, false);
}

// sparseTimesPanels, the same bits, with the tile for joined registers.
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
  for (let tile = begin; tile < end; tile++)
    multiplyTile(c, entries, ends, panels, scratch, m, n, k, tile, false, true);
}

// C = A * transposed W, without what the zeros of A would add: the input gradient of a dense layer below a relu. As
// sparseTimesPanels, but:
//
//   panels  W [n, k] as packPanels leaves it: [ceil(k/16)][n][16]
//
// The bits of gemmPanelsTransposed with all of A. Blocks of weights are transposed on their way.
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
  for (let tile = begin; tile < end; tile++)
    multiplyTile(c, entries, ends, panels, scratch, m, n, k, tile, true, false);
}

// sparseTimesPanelsTransposed, the same bits, with the tile for joined registers.
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
  for (let tile = begin; tile < end; tile++) multiplyTile(c, entries, ends, panels, scratch, m, n, k, tile, true, true);
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
  const apart = (<usize>(transposed ? n : k)) << 6;
  const lastOfAll = lastTouchOf(panels, transposed ? ((k + 15) >> 4) * n : ((n + 15) >> 4) * k, apart);
  const lastLine = (<usize>(transposed ? TILE_COLUMNS : most) - 1) << 6;
  let weights = blockAt(panels, apart, first, 0, transposed);
  c = at(c, first);
  for (let step = 0; step < k; step += most, ends = at(ends, m)) {
    const steps = min(most, k - step);
    const list = entriesOf(entries, m, step);
    if (transposed) transposePanels(scratch, weights, apart, steps, columns);
    else copyBlock(scratch, weights, apart, steps, columns);
    const isLast = step + most >= k;
    weights = blockAt(panels, apart, isLast ? first + TILE_COLUMNS : first, isLast ? 0 : step + most, transposed);
    const lastTouch = min(weights + lastLine, lastOfAll);
    if (columns < TILE_COLUMNS) multiplyRest(c, list, ends, scratch, m, n, columns, step > 0);
    else if (wide) sparseTileWide(c, list, ends, scratch, 0, m, at(0, n), step > 0, weights, apart, lastTouch);
    else sparseTile(c, list, ends, scratch, 0, m, at(0, n), step > 0, weights, apart, lastTouch);
  }
}

// Where the weights lie of B's columns from `first` on and the steps from `step` on: [k][16] in each panel. Where the panels are
// those of transposed B, W [n, k], columns are lines, and every 16 steps lie in another panel.
function blockAt(panels: usize, apart: usize, first: i32, step: i32, transposed: bool): usize {
  const panel = transposed ? step >> 4 : first >> 4;
  const line = transposed ? first : step;
  return panels + <usize>panel * apart + ((<usize>line) << 6);
}

// weights [3][65][16] of one block, B's panels `apart` bytes from one to the next.
function copyBlock(weights: usize, from: usize, apart: usize, steps: i32, columns: i32): void {
  for (let j = 0; j < columns; j += 16, weights += PANEL_APART, from += apart) {
    for (let i: usize = 0; i < (<usize>steps) << 6; i += 16) v128.store(weights + i, v128.load(from + i));
  }
}

// The same from the panels of transposed B.
function transposePanels(weights: usize, from: usize, apart: usize, steps: i32, columns: i32): void {
  for (let j = 0; j < columns; j += 16, weights += PANEL_APART, from += 1024)
    transposeBlock(weights, from, apart, steps, min(16, columns - j));
}

// What is no whole tile, 16 columns at a time. Where C has fewer, their sums are made in the scratch and added to C.
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
  const sums = weights + 3 * PANEL_APART;
  for (; columns > 0; columns -= 16, c += 64, weights += PANEL_APART) {
    const whole = columns >= 16;
    sparsePanel(whole ? c : sums, entries, ends, weights, m, whole ? at(0, n) : 64, whole && add);
    if (!whole) addColumns(c, n, sums, m, columns, add);
  }
}

// The first `columns` of each of m rows of 16 sums, added to C or stored.
function addColumns(c: usize, n: i32, sums: usize, m: i32, columns: i32, add: bool): void {
  for (let row = 0; row < m; row++) {
    for (let j = 0; j < columns; j += 4) {
      const to = at(c, row * n + j);
      const lanes = v128.load(at(sums, (row << 4) + j));
      storeLanes(to, add ? f32x4.add(loadLanes(to, columns - j), lanes) : lanes, columns - j);
    }
  }
}
