import type { Tensor } from "../../graph/tensor.ts";
import { accumulateProducts } from "./accumulate-products.ts";
import { accumulateSlices } from "./accumulate-slices.ts";
import { biasBeforeNorm } from "./bias-before-norm.ts";
import { collapseResize } from "./collapse-resize.ts";
import { fuseBias } from "./fuse-bias.ts";
import { fuseNorm } from "./fuse-norm.ts";
import { fusePool } from "./fuse-pool.ts";
import { mergeBatches } from "./merge-batches.ts";
import { applyRewrite } from "./rewrite.ts";
import { skipZeros } from "./skip-zeros.ts";

/** Rewrites of the forward graph, in this order; their gradients come by themselves. */
const forwardRewrites: RewriteTable = {
  collapseResize: (roots) => applyRewrite(collapseResize, roots),
  biasBeforeNorm: (roots) => applyRewrite(biasBeforeNorm, roots),
  mergeBatches,
  fusePool: (roots) => applyRewrite(fusePool, roots),
  fuseBias: (roots) => applyRewrite(fuseBias, roots),
  fuseNorm: (roots) => applyRewrite(fuseNorm, roots),
};

/**
 * Rewrites after the gradients have been expanded. Slices come before products, so that they find every sum whatever
 * reads its terms.
 */
const backwardRewrites: RewriteTable = {
  accumulateSlices: (roots) => applyRewrite(accumulateSlices, roots),
  accumulateProducts: (roots) => applyRewrite(accumulateProducts, roots),
  skipZeros: (roots) => applyRewrite(skipZeros, roots),
};

/** A rewrite's name, by which it is switched off. */
export type RewriteName =
  | "collapseResize"
  | "biasBeforeNorm"
  | "mergeBatches"
  | "fusePool"
  | "fuseBias"
  | "fuseNorm"
  | "accumulateSlices"
  | "accumulateProducts"
  | "skipZeros";

/** What each rewrite, by name, makes of all that the roots need. */
type RewriteTable = Readonly<Partial<Record<RewriteName, (roots: readonly Tensor[]) => readonly Tensor[]>>>;

/** Rewrites that are to be left out: { collapseResize: false }. All are on by default. */
export type RewriteSwitches = Readonly<Partial<Record<RewriteName, boolean>>>;

/** All rewrites' names. */
export const rewriteNames: readonly RewriteName[] = [
  ...(Object.keys(forwardRewrites) as RewriteName[]),
  ...(Object.keys(backwardRewrites) as RewriteName[]),
];

/** Applies the forward rewrites that are on. */
export function rewriteForward(roots: readonly Tensor[], switches: RewriteSwitches): readonly Tensor[] {
  return applyAll(forwardRewrites, roots, switches);
}

/** Applies the rewrites for expanded gradients that are on. */
export function rewriteBackward(roots: readonly Tensor[], switches: RewriteSwitches): readonly Tensor[] {
  return applyAll(backwardRewrites, roots, switches);
}

function applyAll(rewrites: RewriteTable, roots: readonly Tensor[], switches: RewriteSwitches): readonly Tensor[] {
  return Object.entries(rewrites)
    .filter(([name]) => switches[name as RewriteName] !== false)
    .reduce((current, [, rewrite]) => rewrite(current), roots);
}
