import { at, loadLanes, storeLanes } from "../math/lanes";
import { blockSteps } from "./block";
import { packRows } from "./pack-panels";
import { entriesOf } from "./sparse-rows";
import { PANEL_APART, sparseTile } from "./sparse-tile";
import { sparseTileWide } from "./sparse-tile-wide";

// Columns of C that are computed together.
const TILE_COLUMNS = 48;

// C = A * transposed W, without what the zeros of A would add: the input gradient of a dense layer behind a relu.
//
//   c              row-major [m, n]
//   entries, ends  A [m, k] as compressRows leaves it
//   panels         W [n, k] as packPanels leaves it: [ceil(k/16)][n][16]
//   scratch        3 * 65 * 16 + 48 m floats of the calling thread's own
//
// All 4-byte aligned, all sizes >= 1; no two overlap. W has to be finite, or a NaN may be missed.
// The bits of gemmPanelsTransposed with all of A. Each block of weights, 48 wide, is transposed on its way through the first-level cache
// and then used for all rows.
//
// Range: tiles of 48 columns of C.
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
  for (let tile = begin; tile < end; tile++) multiplyTile(c, entries, ends, panels, scratch, m, n, k, tile, false);
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
  for (let tile = begin; tile < end; tile++) multiplyTile(c, entries, ends, panels, scratch, m, n, k, tile, true);
}

// The last tile may be narrower: its sums are made in the scratch, whole, and copied.
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
  wide: bool,
): void {
  const first = tile * TILE_COLUMNS;
  const columns = min(TILE_COLUMNS, n - first);
  const whole = columns == TILE_COLUMNS;
  const sums = whole ? at(c, first) : scratch + 3 * PANEL_APART;
  const sumsRow = at(0, whole ? n : TILE_COLUMNS);
  const panelBytes = (<usize>n) << 6;
  const most = blockSteps(k);
  for (let step = 0, block = 0; step < k; step += most, block++) {
    const from = panels + <usize>(step >> 4) * panelBytes + ((<usize>first) << 6);
    transposeBlock(scratch, from, panelBytes, min(most, k - step), columns);
    const list = entriesOf(entries, m, step);
    if (wide) sparseTileWide(sums, list, at(ends, block * m), scratch, 0, m, sumsRow, step > 0);
    else sparseTile(sums, list, at(ends, block * m), scratch, 0, m, sumsRow, step > 0);
  }
  if (!whole) copyColumns(at(c, first), n, sums, m, columns);
}

// weights[p][s][j] = W[16 p + j][s] for s < steps, 0 where 16 p + j >= columns; W starts at `from`, every 16 steps in another panel.
function transposeBlock(weights: usize, from: usize, panelBytes: usize, steps: i32, columns: i32): void {
  for (let j = 0; j < TILE_COLUMNS; j += 16, weights += PANEL_APART, from += 1024) {
    const given = max(0, min(16, columns - j));
    for (let s = 0; s < steps; s += 16) {
      packRows(weights + ((<usize>s) << 6), from + <usize>(s >> 4) * panelBytes, 16, given);
    }
  }
}

// The first `columns` of each of m rows of 48 sums.
function copyColumns(c: usize, n: i32, sums: usize, m: i32, columns: i32): void {
  for (let row = 0; row < m; row++) {
    for (let j = 0; j < columns; j += 4) {
      storeLanes(at(c, row * n + j), loadLanes(at(sums, row * TILE_COLUMNS + j), columns - j), columns - j);
    }
  }
}
