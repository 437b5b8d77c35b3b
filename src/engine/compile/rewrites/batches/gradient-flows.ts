// Through which nodes gradients will flow, before they are expanded.
import { requestsOf } from "../../../graph/gradients.ts";
import type { Tensor } from "../../../graph/tensor.ts";
import { inOrder } from "../../passes/traverse.ts";

/** For each loss of which a gradient is requested, the nodes through which it flows; the nodes are all, in order. */
export function gradientFlows(order: readonly Tensor[]): ReadonlyMap<Tensor, ReadonlySet<Tensor>> {
  const flows = new Map<Tensor, Set<Tensor>>();
  for (const [loss, x] of requestsOf(order)) flows.set(loss, (flows.get(loss) ?? new Set()).add(x));
  for (const [loss, flow] of flows) {
    for (const node of inOrder([loss])) if (node.inputs.some((input) => flow.has(input))) flow.add(node);
  }
  return flows;
}
