// One network run on several batches is run once on all of them as one batch, if its rows do not mix. Its weights are
// then read, packed and differentiated once:
//
//   p = conv2d(a, w)              p = the first rows of  conv2d(concat(a, b), w)
//   q = conv2d(b, w)              q = the rows after them
//
// Two nodes that do the same to p and to q read neighbouring slices of one tensor. So they too are applied to that
// tensor. A chain grows in this way until an operation mixes rows or differs between the two. No node inside the chain
// reads a slice any more. A layer that is unrolled over time takes the inputs of all its steps as one batch in the same
// way, and its states one by one.
import { requestsOf } from "../../graph/gradients.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { concat } from "../../ops/concat.ts";
import { inOrder, rebuild } from "../passes/traverse.ts";
import { Bundle, type Bundles, type Run } from "./batches/bundles.ts";
import { Chains } from "./batches/chains.ts";
import { applyToRows } from "./batches/row-wise.ts";
import { rowsFrom } from "./batches/rows.ts";

/**
 * Merges chains that begin at products by the same weights, or at neighbouring slices of one tensor. A chain is merged
 * if fewer numbers are then read and written: the weights that are read once must outweigh the rows that are copied
 * together at the chain's start and apart at its end.
 *
 * Merging leaves every row's bits as they are, but changes the order in which the gradient of a weight is summed. So
 * the nodes that the losses of the requested gradients need are merged as if there were no others. The other nodes are
 * merged by themselves.
 */
export function mergeBatches(roots: readonly Tensor[]): readonly Tensor[] {
  const order = inOrder(roots);
  const losses = requestsOf(order).map(([loss]) => loss);
  const differentiated = inOrder(losses);
  const others = new Set(order);
  for (const node of differentiated) others.delete(node);
  const chains = new Chains(order);
  chains.find(differentiated, differentiated, losses);
  chains.find([...others], order, roots);
  return chains.bundles.isEmpty ? roots : merged(roots, chains.bundles);
}

/** Replaces each bundle by one node, and the bundle's members by slices of that node. */
function merged(roots: readonly Tensor[], bundles: Bundles): readonly Tensor[] {
  const whole = new Map<Bundle, Tensor>();
  return rebuild(
    roots,
    (node, successor) => {
      const { of, first, count } = bundles.rowsOf(node);
      if (!(of instanceof Bundle)) return undefined;
      if (node === of.first) whole.set(of, applied(of, bundles, successor, whole));
      return rowsFrom(whole.get(of)!, first, count);
    },
    bundles.inputsOf,
  );
}

/** Applies the operation of a bundle's members to the rows of all of them. */
function applied(
  bundle: Bundle,
  bundles: Bundles,
  successor: (of: Tensor) => Tensor,
  whole: ReadonlyMap<Bundle, Tensor>,
): Tensor {
  const together = ({ tensors, rows: { of, first, count } }: Run): Tensor => {
    if (tensors.length === 1) return successor(tensors[0]!);
    return rowsFrom(of instanceof Bundle ? whole.get(of)! : successor(of), first, count);
  };
  const inputs = bundle.rowInputs.map((each) => concatenated(bundles.runsOf(each).map(together)));
  return applyToRows(bundle.first, [...inputs, ...bundle.sharedInputs.map(successor)]);
}

function concatenated(parts: readonly Tensor[]): Tensor {
  return parts.length === 1 ? parts[0]! : concat(parts, 0);
}
