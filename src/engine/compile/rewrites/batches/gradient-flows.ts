// The nodes through which gradients will flow, found before the gradients are expanded.
import { requestsOf } from "../../../graph/gradients.ts";
import type { Tensor } from "../../../graph/tensor.ts";
import { inOrder } from "../../passes/traverse.ts";

/** For each loss with a requested gradient, the nodes through which it flows. The argument lists all nodes in order. */
export function gradientFlows(order: readonly Tensor[]): ReadonlyMap<Tensor, ReadonlySet<Tensor>> {
  const flows = new Map<Tensor, Set<Tensor>>();
  for (const [loss, x] of requestsOf(order)) flows.set(loss, (flows.get(loss) ?? new Set()).add(x));
  for (const [loss, flow] of flows) {
    for (const node of inOrder([loss])) if (node.inputs.some((input) => flow.has(input))) flow.add(node);
  }
  return flows;
}
