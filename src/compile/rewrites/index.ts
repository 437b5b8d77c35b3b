import type { Tensor } from "../../graph/tensor.ts";
import { accumulateProducts } from "./accumulate-products.ts";
import { collapseResize } from "./collapse-resize.ts";
import { fuseBias } from "./fuse-bias.ts";
import { applyRewrite, type Rewrite } from "./rewrite.ts";

/** Rewrites of the forward graph, in this order; their gradients come by themselves. */
const forwardRewrites: RewriteTable = { collapseResize, fuseBias };

/** Rewrites after the gradients have been expanded. */
const backwardRewrites: RewriteTable = { accumulateProducts };

/** A rewrite's name, by which it is switched off. */
export type RewriteName = "collapseResize" | "fuseBias" | "accumulateProducts";

/** Rewrites by name. */
type RewriteTable = Readonly<Partial<Record<RewriteName, Rewrite>>>;

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
    .reduce((current, [, rewrite]) => applyRewrite(rewrite, current), roots);
}
