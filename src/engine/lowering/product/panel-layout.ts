// What the product kernels fix and the compiler has to know.
import type { Layout } from "../../program/buffer.ts";
import { PANEL_COLUMNS } from "../../program/emitter.ts";

/** Steps of k that the kernels sum before they touch c (assembly/gemm/block.ts). */
export function blockSteps(k: number): number {
  return k > 256 ? 48 : 64;
}

/**
 * Whether all of k is one block. Then a product that adds to what c holds has the bits of c + the product; otherwise it
 * adds block after block.
 */
export function isOneBlock(k: number): boolean {
  return k <= blockSteps(k);
}

/** Floats from a row of a matrix [m,n] to the next, and from 16 of its columns to the next 16. */
export function rowAndPanelStride(layout: Layout, m: number, n: number): [row: number, panel: number] {
  return layout === "panels" ? [PANEL_COLUMNS, PANEL_COLUMNS * m] : [n, PANEL_COLUMNS];
}
