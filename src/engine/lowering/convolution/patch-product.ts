// The two products of a convolution on patches, chunk after chunk: with the filter, and with the gradient of the
// convolution's result.
import type { Buffer } from "../../program/buffer.ts";
import type { Emitter } from "../../program/emitter.ts";
import { PANEL_COLUMNS } from "../../runtime/sizes.generated.ts";
import { blockSteps, panelsOf } from "../product/panel-layout.ts";
import { emitPanelProduct, emitVectorProduct } from "../product/product.ts";
import type { Span } from "../spans.ts";

/**
 * Floats of panels that are packed at once: an eighth of a MiB, which stays in the second-level cache beside the
 * patches.
 */
const PIECE_FLOATS = 32_768;

/**
 * Blocks of k in a piece. The last block may have one step only. With fewer blocks, the kernels might choose other
 * blocks.
 */
const FEWEST_BLOCKS = 7;

/** Emits y = patches · filter for m rows. */
export type FilterProduct = (y: Buffer, patches: Buffer, m: number) => void;

/** Emits sum = (accumulate ? sum : 0) + patchesᵀ · dy for k rows. */
export type GradientProduct = (sum: Buffer, patches: Buffer, dy: Buffer, k: number, accumulate: boolean) => void;

/** The filter [taps, n] is packed before the products, unless it is one column. */
export function filterProduct(emit: Emitter, filter: Buffer, taps: number, n: number): FilterProduct {
  if (n === 1) return (y, patches, m) => emitVectorProduct(emit, y, patches, filter, { m, n, k: taps });
  const panels = panelsOf(emit, filter, taps, n, false);
  return (y, patches, m) => emitPanelProduct(emit, y, patches, panels, { m, n, k: taps });
}

/**
 * dy [k, n] is packed piece by piece, and each piece is multiplied while the cache holds it. One column is not packed.
 * `ks` lists all values that k will have.
 */
export function gradientProduct(
  emit: Emitter,
  taps: number,
  n: number,
  ks: readonly number[],
  tasks: number,
): GradientProduct {
  const shape = { m: taps, n, transposeA: true };
  if (n === 1) {
    return (sum, patches, dy, k, accumulate) => emitVectorProduct(emit, sum, patches, dy, { ...shape, k, accumulate });
  }
  const panelCount = Math.ceil(n / PANEL_COLUMNS);
  const piecesOf = (k: number): Span[] => summandsOf(k, PIECE_FLOATS / (panelCount * PANEL_COLUMNS));
  const longest = Math.max(...ks.flatMap(piecesOf).map(({ count }) => count));
  const panels = emit.local([panelCount, longest, PANEL_COLUMNS], tasks);
  return (sum, patches, dy, k, accumulate) => {
    for (const { first, count } of piecesOf(k)) {
      const product = { ...shape, k: count, accumulate: accumulate || first > 0 };
      emit.call("packPanels", [panels, dy.part(first * n, count * n), count, n, 0], panelCount);
      emitPanelProduct(emit, sum, patches.part(first * taps, count * taps), panels, product);
    }
  };
}

/**
 * [0, k) in spans of about `steps` steps. Their products, added one after another, have the bits of one product over
 * all of k.
 */
export function summandsOf(k: number, steps: number): Span[] {
  const block = blockSteps(k);
  const blocks = Math.ceil(k / block);
  const count = Math.max(1, Math.floor(blocks / Math.max(FEWEST_BLOCKS, Math.floor(steps / block))));
  const start = (i: number): number => Math.min(k, block * Math.floor((i * blocks) / count));
  return Array.from({ length: count }, (_, i) => ({ first: start(i), count: start(i + 1) - start(i) }));
}
