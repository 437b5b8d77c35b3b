import { apply } from "../../graph/graph.ts";
import { addBiasOp } from "../../ops/add-bias.ts";
import { add, scale } from "../../ops/arithmetic.ts";
import { batchNormOp } from "../../ops/batch-norm.ts";
import type { Rewrite } from "./rewrite.ts";

/**
 * batchNorm subtracts each channel's mean, and with it a bias that was added to the channel. So the bias is left out:
 * it is not added to x, and its gradient is not summed over x. That gradient would be zero but for rounding, which Adam
 * would blow up to whole steps. Adding 0·bias to beta instead keeps the bias in the graph, with a gradient of exactly
 * 0. Other readers of the biased tensor make no difference, so that the norm's bits do not depend on what else is
 * fetched.
 */
export const biasBeforeNorm: Rewrite = ({ node, successor }) => {
  const norm = node.match(batchNormOp);
  const biased = norm?.inputs[0].match(addBiasOp);
  if (norm === undefined || biased === undefined) return undefined;
  const [x, bias] = biased.inputs;
  const offset = add(successor(norm.inputs[1]), scale(successor(bias), 0));
  return apply(batchNormOp, [successor(x), offset], norm.attributes);
};
