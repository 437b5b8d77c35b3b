// The panels that the product kernels read: 16 columns of a matrix, row after row. [k,n] lies as [⌈n/16⌉][k][16].
import type { Buffer, Layout } from "../../program/buffer.ts";
import type { Emitter } from "../../program/emitter.ts";
import { LONG_BLOCK_STEPS, LONG_SUM_STEPS, PANEL_COLUMNS, SHORT_BLOCK_STEPS } from "../../runtime/sizes.generated.ts";
import { matrixDims } from "../../shape.ts";

/**
 * b [k,n] (or [n,k] if transposed) in panels. Each content is packed once per program, for all products that read it. A
 * b that lies in panels is not packed.
 */
export function panelsOf(emit: Emitter, b: Buffer, k: number, n: number, transposed: boolean): Buffer {
  if (b.layout === "panels" && !transposed) return b;
  const plain = plainOf(emit, b);
  return emit.derived(plain, `panels ${k}x${n}${transposed ? "T" : ""}`, () => {
    const count = Math.ceil(n / PANEL_COLUMNS);
    const panels = emit.scratch([count, k, PANEL_COLUMNS]);
    emit.call("packPanels", [panels, plain, k, n, Number(transposed)], count);
    return panels;
  });
}

/** The same numbers row-major. All callers share one copy, so none may write it. */
export function plainOf(emit: Emitter, x: Buffer): Buffer {
  if (x.layout === "plain") return x;
  return emit.derived(x, "plain", () => {
    const [k, n] = matrixDims(x.shape);
    const y = emit.scratch(x.shape);
    y.storage.readersLeft = Infinity;
    emit.call("unpackPanels", [y, x, k, n], k);
    return y;
  });
}

/** A buffer's numbers in this layout. */
export function inLayout(emit: Emitter, x: Buffer, layout: Layout): Buffer {
  if (layout === "plain") return plainOf(emit, x);
  const [k, n] = matrixDims(x.shape);
  return panelsOf(emit, x, k, n, false);
}

/** Steps of k that the kernels sum before they add to c (assembly/gemm/block.ts). */
export function blockSteps(k: number): number {
  return k > LONG_SUM_STEPS ? LONG_BLOCK_STEPS : SHORT_BLOCK_STEPS;
}

/**
 * True if all of k is one block. A product that adds to c then has the bits of c + the product; otherwise it adds block
 * after block.
 */
export function isOneBlock(k: number): boolean {
  return k <= blockSteps(k);
}

/** Floats from a row of a matrix [m,n] to the next, and from 16 of its columns to the next 16. */
export function rowAndPanelStride(layout: Layout, m: number, n: number): [row: number, panel: number] {
  return layout === "panels" ? [PANEL_COLUMNS, PANEL_COLUMNS * m] : [n, PANEL_COLUMNS];
}
