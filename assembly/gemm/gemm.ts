import { checkCall, checkInput, checkOutput } from "../contract";
import { blockSteps, multiplyBlock } from "./block";
import { lastPrefetchOf } from "./prefetch";
import {
  checkLayout,
  floatsOfA,
  floatsOfC,
  floatsOfPanels,
  PANEL_COLUMNS,
  panelsOf,
  ProductLayout,
} from "./product-layout";

// Rows of a macro tile.
export const TILE_ROWS: i32 = 64;

// With this many row blocks or fewer, B is larger than A: the kernel reads each panel once, and all row blocks use it
// in turn.
const FEW_ROW_BLOCKS = 2;

// A batch of products with one layout (product-layout.ts):
//   C_p(i, j) = (accumulate ? C_p(i, j) : 0) + sum over k of A_p(i, k) * B_p(k, j)
//
// All buffers are 4-byte aligned and all sizes are at least 1; c overlaps neither a nor panels. Order of summation: the
// kernel takes k in blocks (block.ts). In a block it sums one chain from 0 in ascending k, and rounds both product and
// sum. It adds the block sums to C in ascending order; the first one it stores, unless `accumulate` is 1. Neither the
// register tile that holds an element nor the range changes this order.
//
// The range is macro tiles of 64 rows x 16 columns, product after product. A product has ceil(m/64) * ceil(n/16) of
// them. They go panel by panel where there are one or two row blocks; otherwise they go row block by row block, so that
// 64 rows of A serve one panel after the other from the second-level cache. (Several macro tiles at once, block by
// block of k, measured no faster.)
export function gemm(c: usize, a: usize, panels: usize, layout: usize, accumulate: i32, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) checkProduct("gemm", c, a, panels, layout, begin, end);
  multiply(c, a, panels, changetype<ProductLayout>(layout), accumulate != 0, begin, end, false);
}

// gemm with the same bits, in tiles for wide registers: V8 from Node 24 on puts two neighbouring v128 into one register
// of 256 bits under --experimental-wasm-revectorize. Without that these tiles spill.
export function gemmWide(
  c: usize,
  a: usize,
  panels: usize,
  layout: usize,
  accumulate: i32,
  begin: i32,
  end: i32,
): void {
  if (!ASC_NO_ASSERT) checkProduct("gemmWide", c, a, panels, layout, begin, end);
  multiply(c, a, panels, changetype<ProductLayout>(layout), accumulate != 0, begin, end, true);
}

function checkProduct(kernel: string, c: usize, a: usize, panels: usize, layout: usize, begin: i32, end: i32): void {
  const l = changetype<ProductLayout>(layout);
  checkCall(kernel, begin, end, l.batch * ((l.m + TILE_ROWS - 1) / TILE_ROWS) * panelsOf(l.n));
  checkLayout(l);
  checkOutput("c", c, floatsOfC(l));
  checkInput("a", a, floatsOfA(l));
  checkInput("panels", panels, floatsOfPanels(l));
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
  const panelCount = panelsOf(l.n);
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

// Computes 64 rows x 16 columns, or what is left of them, block by block of k.
// c and a are the addresses of the macro tile's first row, panels the address of the product's first panel.
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
  const columns = min(PANEL_COLUMNS, l.n - panel * PANEL_COLUMNS);
  const cRow = (<usize>l.cRowStride) << 2;
  const aRow = (<usize>l.aRowStride) << 2;
  const aStep = (<usize>l.aStep) << 2;
  // The lines of this plane's panels and of the planes after it.
  const lines = panelsOf(l.n) * k + ((l.panelsPlane * (l.batch - 1 - plane)) >> 4);
  const lastPrefetch = lastPrefetchOf(panels, lines, 64);
  let b = at(panels, panel * k, 16);
  const most = blockSteps(k);
  for (let left = k; left > 0; left -= most) {
    const steps = min(most, left);
    const next = b + ((<usize>steps) << 6);
    multiplyBlock(c, a, b, rows, columns, steps, cRow, aRow, aStep, add, next, 64, lastPrefetch, wide);
    a += <usize>steps * aStep;
    b = next;
    add = true;
  }
}

// The address of float i * stride of an array. The product may exceed 31 bits.
function at(base: usize, i: i32, stride: i32): usize {
  return base + ((<usize>i * <usize>stride) << 2);
}
