// Matrix products on the panel kernels.
import type { Buffer } from "../../compile/core/buffer.ts";
import { PANEL_COLUMNS, TILE_ROWS, type Emitter } from "../../compile/core/emitter.ts";

/** c [m,n] = (accumulate ? c : 0) + a·b. */
export interface Product {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** a is stored [k,m] instead of [m,k]. */
  readonly transposeA?: boolean;
  /** b is stored [n,k] instead of [k,n]. */
  readonly transposeB?: boolean;
  /** Adds to what c holds. */
  readonly accumulate?: boolean;
}

/** Emits c = a·b, packing b into panels unless this program has done so before. */
export function emitProduct(emit: Emitter, c: Buffer, a: Buffer, b: Buffer, product: Product): void {
  emitPanelProduct(emit, c, a, emit.panels(b, product.k, product.n, product.transposeB ?? false), product);
}

/** Emits c = a·b for a b that lies in panels already. */
export function emitPanelProduct(emit: Emitter, c: Buffer, a: Buffer, panels: Buffer, product: Product): void {
  const { m, n, k, transposeA = false, accumulate = false } = product;
  const [rowStride, step] = transposeA ? [1, m] : [k, 1];
  const tiles = Math.ceil(m / TILE_ROWS) * Math.ceil(n / PANEL_COLUMNS);
  emit.call("gemm", [c, a, panels, m, n, k, rowStride, step, Number(accumulate)], tiles);
}
