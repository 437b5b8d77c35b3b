import { ProductLayout } from "./product-layout";
import { blockSteps, multiplyBlock } from "./block";
import { lastTouchOf } from "./touch";

// Rows of a macro tile.
export const TILE_ROWS = 64;

// Where there are so few row blocks, B is more than A: each panel is read once, and all row blocks use it in turn.
const FEW_ROW_BLOCKS = 2;

// A batch of products with one layout (product-layout.ts):
//   C_p(i, j) = (accumulate ? C_p(i, j) : 0) + sum over k of A_p(i, k) * B_p(k, j)
//
// All 4-byte aligned, all sizes >= 1; c overlaps neither a nor panels.
// Order of summation: k in blocks (block.ts); in a block one chain from 0 in ascending k, product and sum both rounded; block sums are
// added to C in ascending order, where the first one is stored instead unless `accumulate` is 1. Neither the register tile that
// holds an element nor the range changes it.
//
// Range: macro tiles of 64 rows x 16 columns, of which a product has ceil(m/64) * ceil(n/16), product after product: panel by panel
// where there are one or two row blocks, otherwise row block by row block, so that 64 rows of A serve one panel after the other
// from the second-level cache. (Several macro tiles taken together block by block of k measured no faster.)
export function gemm(c: usize, a: usize, panels: usize, layout: usize, accumulate: i32, begin: i32, end: i32): void {
  multiply(c, a, panels, changetype<ProductLayout>(layout), accumulate != 0, begin, end, false);
}

// gemm, the same bits, in tiles for an engine that joins two neighbouring v128 into one register of 256 bits (V8 from Node 24 on
// under --experimental-wasm-revectorize). Without that they spill.
export function gemmWide(
  c: usize,
  a: usize,
  panels: usize,
  layout: usize,
  accumulate: i32,
  begin: i32,
  end: i32,
): void {
  multiply(c, a, panels, changetype<ProductLayout>(layout), accumulate != 0, begin, end, true);
}

function multiply(
  c: usize,
  a: usize,
  panels: usize,
  l: ProductLayout,
  accumulate: bool,
  begin: i32,
  end: i32,
  wide: bool,
): void {
  const panelCount = (l.n + 15) >> 4;
  const rowBlocks = (l.m + TILE_ROWS - 1) / TILE_ROWS;
  const panelByPanel = rowBlocks <= FEW_ROW_BLOCKS;
  for (let index = begin; index < end; index++) {
    const plane = index / (rowBlocks * panelCount);
    const tile = index - plane * (rowBlocks * panelCount);
    const panel = panelByPanel ? tile / rowBlocks : tile % panelCount;
    const row = (panelByPanel ? tile % rowBlocks : tile / panelCount) * TILE_ROWS;
    macroTile(
      at(at(at(c, plane, l.cPlane), row, l.cRowStride), panel, l.cPanelStride),
      at(at(a, plane, l.aPlane), row, l.aRowStride),
      at(panels, plane, l.panelsPlane),
      l,
      plane,
      row,
      panel,
      accumulate,
      wide,
    );
  }
}

// 64 rows x 16 columns or what is left of them, block by block of k.
// c and a are where the macro tile's first row starts, panels where the product's first panel starts.
function macroTile(
  c: usize,
  a: usize,
  panels: usize,
  l: ProductLayout,
  plane: i32,
  row: i32,
  panel: i32,
  add: bool,
  wide: bool,
): void {
  const k = l.k;
  const rows = min(TILE_ROWS, l.m - row);
  const columns = min(16, l.n - (panel << 4));
  const cRow = (<usize>l.cRowStride) << 2;
  const aRow = (<usize>l.aRowStride) << 2;
  const aStep = (<usize>l.aStep) << 2;
  // What this plane's panels hold, and those of the planes after it.
  const lines = ((l.n + 15) >> 4) * k + ((l.panelsPlane * (l.batch - 1 - plane)) >> 4);
  const lastTouch = lastTouchOf(panels, lines, 64);
  let b = at(panels, panel * k, 16);
  const most = blockSteps(k);
  for (let left = k; left > 0; left -= most) {
    const steps = min(most, left);
    const next = b + ((<usize>steps) << 6);
    multiplyBlock(c, a, b, rows, columns, steps, cRow, aRow, aStep, add, next, 64, lastTouch, wide);
    a += <usize>steps * aStep;
    b = next;
    add = true;
  }
}

// The address of float i * stride of an array. As numbers of floats the address may exceed 31 bits.
function at(base: usize, i: i32, stride: i32): usize {
  return base + ((<usize>i * <usize>stride) << 2);
}
