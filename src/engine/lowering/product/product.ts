// Matrix products: on panels, without zeros (sparse-product.ts), or with one column, which needs no panels.
import type { Buffer, Layout } from "../../program/buffer.ts";
import type { Emitter } from "../../program/emitter.ts";
import { PANEL_COLUMNS, TILE_ROWS } from "../../runtime/sizes.generated.ts";
import { blockSteps, panelsOf, rowAndPanelStride } from "./panel-layout.ts";
import type { Product } from "./product-sizes.ts";
import { emitSparseProduct } from "./sparse-product.ts";

/** Products of one shape on planes side by side: how many, and how many floats lie between the starts of two planes. */
export interface Planes {
  readonly count: number;
  readonly aStride: number;
  readonly panelsStride: number;
  readonly cStride: number;
  /** Floats between two rows, if the rows are not next to each other. */
  readonly aRowStride?: number;
  readonly cRowStride?: number;
  readonly cPanelStride?: number;
}

const ONE_PLANE: Planes = { count: 1, aStride: 0, panelsStride: 0, cStride: 0 };

/** Emits c = a·b. It packs b into panels unless b lies in them or this program has packed it before. */
export function emitProduct(emit: Emitter, c: Buffer, a: Buffer, b: Buffer, product: Product): void {
  const { transposeA = false, transposeB = false } = product;
  if (emitSparseProduct(emit, c, a, b, product)) return;
  if (product.n === 1 && b.layout === "plain" && c.layout === "plain") {
    emitVectorProduct(emit, c, a, b, product);
    return;
  }
  const isInputGradient = transposeB && !transposeA && b.layout === "panels" && c.layout === "plain";
  if (isInputGradient) emitTransposedPanelProduct(emit, c, a, b, product);
  else emitPackedProduct(emit, c, a, b, product);
}

function emitPackedProduct(emit: Emitter, c: Buffer, a: Buffer, b: Buffer, product: Product): void {
  emitPanelProduct(emit, c, a, panelsOf(emit, b, product.k, product.n, product.transposeB ?? false), product);
}

/** Emits c = a·b for a b that lies in panels already. If there are several planes, it does so for each. */
export function emitPanelProduct(
  emit: Emitter,
  c: Buffer,
  a: Buffer,
  panels: Buffer,
  product: Product,
  planes: Planes = ONE_PLANE,
): void {
  const table = emit.integers(layoutOf(product, c.layout, planes));
  emit.call("gemm", [c, a, panels, table, Number(product.accumulate ?? false)], macroTiles(product, planes));
}

/** Emits c = a·b for a b of one column, which is never packed. */
export function emitVectorProduct(emit: Emitter, c: Buffer, a: Buffer, b: Buffer, product: Product): void {
  const { m, k, transposeA = false, accumulate = false } = product;
  const tiles = Math.ceil(m / TILE_ROWS);
  emit.call("matrixTimesVector", [c, a, b, m, k, Number(transposeA), Number(accumulate)], tiles);
}

/** The range of gemm. */
export function macroTiles({ m, n }: Product, { count }: Planes = ONE_PLANE): number {
  return count * Math.ceil(m / TILE_ROWS) * Math.ceil(n / PANEL_COLUMNS);
}

/**
 * Emits c = a·bᵀ for a b [n,k] in the panels [⌈k/16⌉][n][16] of a right factor, as a dense layer's weights lie. The
 * input gradient thus needs no new packing. The bits are emitProduct's.
 */
function emitTransposedPanelProduct(emit: Emitter, c: Buffer, a: Buffer, panels: Buffer, product: Product): void {
  const { m, n, k, accumulate = false } = product;
  const panelsAcross = Math.ceil(n / PANEL_COLUMNS);
  const scratch = emit.local([blockSteps(k), PANEL_COLUMNS], panelsAcross);
  emit.call("gemmPanelsTransposed", [c, a, panels, scratch, m, n, k, Number(accumulate)], panelsAcross);
}

/** The table of assembly/gemm/product-layout.ts. */
export function layoutOf(
  { m, n, k, transposeA = false }: Product,
  layoutOfC: Layout,
  planes: Planes = ONE_PLANE,
): number[] {
  const [rowsOfC, panelsOfC] = rowAndPanelStride(layoutOfC, m, n);
  const { count, aStride, panelsStride, cStride } = planes;
  const { aRowStride: rowsOfA = transposeA ? m : k, cRowStride = rowsOfC, cPanelStride = panelsOfC } = planes;
  const [aRowStride, aStep] = transposeA ? [1, rowsOfA] : [rowsOfA, 1];
  return [count, m, n, k, aStride, aRowStride, aStep, cStride, cRowStride, cPanelStride, panelsStride];
}
