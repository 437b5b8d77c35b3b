import type { Tensor } from "../../graph/tensor.ts";
import { accumulateProducts } from "./accumulate-products.ts";
import { accumulateSlices } from "./accumulate-slices.ts";
import { biasBeforeNorm } from "./bias-before-norm.ts";
import { collapseResize } from "./collapse-resize.ts";
import { joinEpilogues } from "./join-epilogues.ts";
import { mergeBatches } from "./merge-batches.ts";
import { applyRewrite, type Rewrite } from "./rewrite.ts";
import { skipZeros } from "./skip-zeros.ts";

/**
 * The names of all rewrites. `joinEpilogues` has three: fusePool and fuseBias for products, fuseNorm for relu after a
 * norm.
 */
export const rewriteNames = [
  "collapseResize",
  "biasBeforeNorm",
  "mergeBatches",
  "fusePool",
  "fuseBias",
  "fuseNorm",
  "accumulateSlices",
  "accumulateProducts",
  "skipZeros",
] as const;

/** A rewrite's name, by which it is switched off. */
export type RewriteName = (typeof rewriteNames)[number];

/** Rewrites that are to be left out: { collapseResize: false }. All are on by default. */
export type RewriteSwitches = Readonly<Partial<Record<RewriteName, boolean>>>;

/** Replaces the nodes that the roots need by nodes that compute the same. */
type Pass = (roots: readonly Tensor[], isOn: (name: RewriteName) => boolean) => readonly Tensor[];

/** Rewrites of the forward graph, in this order. Their gradients follow from the rewritten graph. */
const forwardPasses: readonly Pass[] = [
  everywhere("collapseResize", collapseResize),
  everywhere("biasBeforeNorm", biasBeforeNorm),
  (roots, isOn) => (isOn("mergeBatches") ? mergeBatches(roots) : roots),
  (roots, isOn) => applyRewrite(joinEpilogues(isOn), roots),
];

/**
 * Rewrites after the gradients have been expanded. Slices come before products, so that they find every sum whatever
 * reads its terms.
 */
const backwardPasses: readonly Pass[] = [
  everywhere("accumulateSlices", accumulateSlices),
  everywhere("accumulateProducts", accumulateProducts),
  everywhere("skipZeros", skipZeros),
];

/** Applies the forward rewrites that are on. */
export function rewriteForward(roots: readonly Tensor[], switches: RewriteSwitches): readonly Tensor[] {
  return applyAll(forwardPasses, roots, switches);
}

/** Applies the rewrites for expanded gradients that are on. */
export function rewriteBackward(roots: readonly Tensor[], switches: RewriteSwitches): readonly Tensor[] {
  return applyAll(backwardPasses, roots, switches);
}

/** A rewrite of single nodes, wherever it matches. */
function everywhere(name: RewriteName, rewrite: Rewrite): Pass {
  return (roots, isOn) => (isOn(name) ? applyRewrite(rewrite, roots) : roots);
}

function applyAll(passes: readonly Pass[], roots: readonly Tensor[], switches: RewriteSwitches): readonly Tensor[] {
  return passes.reduce((current, pass) => pass(current, (name) => switches[name] !== false), roots);
}
