import type { Tensor } from "../../graph/tensor.ts";

/** The nodes that must be computed before a node: its inputs, unless a pass names others. */
export type InputsOf = (node: Tensor) => readonly Tensor[];

const ownInputs: InputsOf = ({ inputs }) => inputs;

/**
 * All nodes the roots need, each after its inputs: a depth-first walk that finishes one input before it starts the
 * next, so that a result is soon used. The walk prunes and schedules at once.
 */
export function inOrder(roots: readonly Tensor[], inputsOf: InputsOf = ownInputs): Tensor[] {
  const order: Tensor[] = [];
  const seen = new Set<Tensor>();
  const stack: { readonly node: Tensor; readonly inputs: readonly Tensor[]; next: number }[] = [];
  const enter = (node: Tensor): void => {
    if (seen.has(node)) return;
    seen.add(node);
    stack.push({ node, inputs: inputsOf(node), next: 0 });
  };
  for (const root of roots) {
    enter(root);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const input = top.inputs[top.next++];
      if (input !== undefined) {
        enter(input);
      } else {
        order.push(top.node);
        stack.pop();
      }
    }
  }
  return order;
}

/** For each tensor, the number of times that these nodes have it as an input. */
export function countUses(nodes: readonly Tensor[]): Map<Tensor, number> {
  const uses = new Map<Tensor, number>();
  for (const node of nodes) {
    for (const input of node.inputs) uses.set(input, (uses.get(input) ?? 0) + 1);
  }
  return uses;
}

/**
 * Rebuilds the nodes that the roots need, inputs first. `replace` gives each node's successor from its inputs'
 * successors, or nothing if the node is just applied again to them. Returns the roots' successors.
 */
export function rebuild(
  roots: readonly Tensor[],
  replace: (node: Tensor, successor: (of: Tensor) => Tensor) => Tensor | undefined,
  inputsOf: InputsOf = ownInputs,
): Tensor[] {
  const successors = new Map<Tensor, Tensor>();
  const successor = (of: Tensor): Tensor => successors.get(of)!;
  for (const node of inOrder(roots, inputsOf)) {
    successors.set(node, replace(node, successor) ?? reapplied(node, successor));
  }
  return roots.map(successor);
}

function reapplied(node: Tensor, successor: (of: Tensor) => Tensor): Tensor {
  const inputs = node.inputs.map(successor);
  if (inputs.every((input, i) => input === node.inputs[i])) return node;
  return inputs[0]!.graph.apply(node.operation, inputs, node.attributes);
}
