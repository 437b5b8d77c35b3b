// What the product kernels fix and the compiler has to know.
import type { Layout } from "../../program/buffer.ts";
import { LONG_BLOCK_STEPS, LONG_SUM_STEPS, PANEL_COLUMNS, SHORT_BLOCK_STEPS } from "../../runtime/sizes.generated.ts";

/** Steps of k that the kernels sum before they touch c (assembly/gemm/block.ts). */
export function blockSteps(k: number): number {
  return k > LONG_SUM_STEPS ? LONG_BLOCK_STEPS : SHORT_BLOCK_STEPS;
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
