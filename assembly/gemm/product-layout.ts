import { checkAtLeast, checkSize } from "../contract";

// Columns of a panel.
export const PANEL_COLUMNS: i32 = 16;

// How the matrices of a batch of equal products lie. The compiler writes this table to memory: 11 i32s, strides in
// floats. Product p of the batch has A_p [m, k], B_p [k, n] and C_p [m, n]:
//
//   A_p(i, k) at  a + 4 * (p * aPlane + i * aRowStride + k * aStep): (k, 1) is a row-major [m, k], (1, m) a transposed
//                 [k, m]
//   C_p(i, j) at  c + 4 * (p * cPlane + i * cRowStride + (j >> 4) * cPanelStride + (j & 15)): (n, 16) is a row-major
//                 [m, n], (16, 16 m) makes C panels [ceil(n/16)][m][16]
//   B_p       at  panels + 4 * p * panelsPlane, as packPanels leaves it: [ceil(n/16)][k][16], 0 in the columns past n
@unmanaged
export class ProductLayout {
  batch: i32;
  m: i32;
  n: i32;
  k: i32;
  aPlane: i32;
  aRowStride: i32;
  aStep: i32;
  cPlane: i32;
  cRowStride: i32;
  cPanelStride: i32;
  panelsPlane: i32;
}

export function panelsOf(columns: i32): i32 {
  return (columns + PANEL_COLUMNS - 1) >> 4;
}

// Checks what a layout must hold (../contract.ts).
export function checkLayout(l: ProductLayout): void {
  checkSize("batch", l.batch);
  checkSize("m", l.m);
  checkSize("n", l.n);
  checkSize("k", l.k);
  checkAtLeast("cRowStride", l.cRowStride, min(l.n, PANEL_COLUMNS));
  checkAtLeast("cPanelStride", l.cPanelStride, PANEL_COLUMNS);
  checkSize("aRowStride", l.aRowStride);
  checkSize("aStep", l.aStep);
}

// Floats from the first to the last one of all matrices A, C and B.
export function floatsOfA(l: ProductLayout): i32 {
  return (l.batch - 1) * l.aPlane + (l.m - 1) * l.aRowStride + (l.k - 1) * l.aStep + 1;
}

export function floatsOfC(l: ProductLayout): i32 {
  const last = l.n - 1;
  const column = (last / PANEL_COLUMNS) * l.cPanelStride + (last % PANEL_COLUMNS);
  return (l.batch - 1) * l.cPlane + (l.m - 1) * l.cRowStride + column + 1;
}

export function floatsOfPanels(l: ProductLayout): i32 {
  return (l.batch - 1) * l.panelsPlane + panelsOf(l.n) * l.k * PANEL_COLUMNS;
}
