import type { Tensor } from "../../graph/tensor.ts";

/**
 * All nodes the roots need, each after its inputs: a depth-first walk that finishes one input before it starts the next,
 * so that what is computed is soon used. This is pruning and scheduling in one.
 */
export function inOrder(roots: readonly Tensor[]): Tensor[] {
  const order: Tensor[] = [];
  const seen = new Set<Tensor>();
  const stack = [...roots].reverse().map((node) => ({ node, next: 0 }));
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!;
    if (top.next === 0 && seen.has(top.node)) {
      stack.pop();
      continue;
    }
    seen.add(top.node);
    const input = top.node.inputs[top.next++];
    if (input === undefined) {
      order.push(top.node);
      stack.pop();
    } else if (!seen.has(input)) {
      stack.push({ node: input, next: 0 });
    }
  }
  return order;
}

/** How many inputs of the nodes each tensor is. */
export function countUses(nodes: readonly Tensor[]): Map<Tensor, number> {
  const uses = new Map<Tensor, number>();
  for (const node of nodes) {
    for (const input of node.inputs) uses.set(input, (uses.get(input) ?? 0) + 1);
  }
  return uses;
}

/**
 * Rebuilds what the roots need, inputs first: `replace` gives each node's successor, given its inputs' successors, or
 * nothing where the node is just applied again to them. Returns the roots' successors.
 */
export function rebuild(
  roots: readonly Tensor[],
  replace: (node: Tensor, successor: (of: Tensor) => Tensor) => Tensor | undefined,
): Tensor[] {
  const successors = new Map<Tensor, Tensor>();
  const successor = (of: Tensor): Tensor => successors.get(of)!;
  for (const node of inOrder(roots)) {
    successors.set(node, replace(node, successor) ?? reapplied(node, successor));
  }
  return roots.map(successor);
}

function reapplied(node: Tensor, successor: (of: Tensor) => Tensor): Tensor {
  const inputs = node.inputs.map(successor);
  if (inputs.every((input, i) => input === node.inputs[i])) return node;
  return inputs[0]!.graph.apply(node.operation, inputs, node.attributes);
}
