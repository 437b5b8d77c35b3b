import { apply } from "../../graph/graph.ts";
import { addBiasOp } from "../../ops/add-bias.ts";
import { add, scale } from "../../ops/arithmetic.ts";
import { batchNormOp } from "../../ops/batch-norm.ts";
import type { Rewrite } from "./rewrite.ts";

/**
 * batchNorm takes each channel's mean away, and with it what a bias has added to the channel. So the bias is left out,
 * and neither added to x nor is its gradient summed over x, which is zero but for rounding that Adam would blow up to
 * whole steps. Adding 0·bias to beta instead keeps the bias in the graph, with a gradient of exactly 0. Whether others
 * read the biased tensor too makes no difference, so that the norm's bits do not depend on what is fetched beside it.
 */
export const biasBeforeNorm: Rewrite = ({ node, successor }) => {
  const norm = node.match(batchNormOp);
  const biased = norm?.inputs[0].match(addBiasOp);
  if (norm === undefined || biased === undefined) return undefined;
  const [x, bias] = biased.inputs;
  const offset = add(successor(norm.inputs[1]), scale(successor(bias), 0));
  return apply(batchNormOp, [successor(x), offset], norm.attributes);
};
