// Products with one matrix that is often 0, behind relu or in the gradient behind it: its zeros are left out. The bits
// are those of the dense products, unless the factor of a zero is not finite.
import type { Buffer } from "../../program/buffer.ts";
import type { Emitter } from "../../program/emitter.ts";
import { PANEL_COLUMNS } from "../../runtime/sizes.generated.ts";
import { blockSteps, panelsOf, rowAndPanelStride } from "./panel-layout.ts";
import type { Product } from "./product-sizes.ts";
import { SPARSE_TILE_COLUMNS as TILE, SPARSE_TILE_FLOATS as TILE_FLOATS } from "../../runtime/sizes.generated.ts";

/** Emits c = a·b without the zeros of the sparse matrix, if there is a kernel for it; otherwise returns false. */
export function emitSparseProduct(emit: Emitter, c: Buffer, a: Buffer, b: Buffer, product: Product): boolean {
  const { sparse, transposeA = false, transposeB = false, accumulate = false } = product;
  if (accumulate) return false;
  if (sparse === "a" && !transposeA && c.layout === "plain") emitSparseTimes(emit, c, a, b, product);
  else if (sparse === "b" && transposeA && !transposeB) emitTransposedTimesSparse(emit, c, a, b, product);
  else return false;
  return true;
}

/** c = a·b for a sparse a [m,k]; b lies in panels [⌈n/16⌉][k][16], or transposed in the panels of a [n,k]. */
function emitSparseTimes(emit: Emitter, c: Buffer, a: Buffer, b: Buffer, { m, n, k, transposeB }: Product): void {
  const panels = transposeB ? panelsOf(emit, b, n, k, false) : panelsOf(emit, b, k, n, false);
  const [entries, ends] = emitEntries(emit, a, { rows: m, steps: k, rowStride: k, stepStride: 1 });
  const tiles = Math.ceil(n / TILE);
  const scratch = emit.local([TILE_FLOATS + m * PANEL_COLUMNS], tiles);
  const kernel = transposeB ? "sparseTimesPanelsTransposed" : "sparseTimesPanels";
  emit.call(kernel, [c, entries, ends, panels, scratch, m, n, k], tiles);
}

/** c = aᵀ·b for an a [k,m] and a sparse b [k,n]; c may have any layout. */
function emitTransposedTimesSparse(emit: Emitter, c: Buffer, a: Buffer, b: Buffer, { m, n, k }: Product): void {
  const [entries, ends] = emitEntries(emit, b, { rows: n, steps: k, rowStride: 1, stepStride: n });
  const tiles = Math.ceil(m / TILE);
  const scratch = emit.local([PANEL_COLUMNS * TILE + blocksOf(k) * TILE_FLOATS], tiles);
  const [cRow, cPanel] = rowAndPanelStride(c.layout, m, n);
  emit.call("transposedTimesSparse", [c, a, entries, ends, scratch, m, n, k, cRow, cPanel], tiles);
}

interface Rows {
  readonly rows: number;
  readonly steps: number;
  readonly rowStride: number;
  readonly stepStride: number;
}

/** The elements that are not 0, as assembly/gemm/sparse-rows.ts stores them: entries, and the end of each row. */
function emitEntries(emit: Emitter, x: Buffer, { rows, steps, rowStride, stepStride }: Rows): [Buffer, Buffer] {
  const entries = emit.scratch([rows * (steps + 1) * 2]);
  const blocks = blocksOf(steps);
  const ends = emit.scratch([blocks, rows]);
  emit.call("compressRows", [entries, ends, x, rows, steps, rowStride, stepStride], blocks);
  return [entries, ends];
}

function blocksOf(k: number): number {
  return Math.ceil(k / blockSteps(k));
}
