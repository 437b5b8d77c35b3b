import { GraphError } from "../../errors.ts";
import { gradientOp, requestsOf } from "../../graph/gradients.ts";
import { placeholderOp, variableOp } from "../../graph/sources.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { add } from "../../ops/arithmetic.ts";
import { onesLike } from "../../ops/fill-like.ts";
import { inOrder, rebuild } from "./traverse.ts";

/**
 * Replaces every request for a gradient by the nodes that compute it: reverse-mode differentiation, graph to graph
 * (Griewank & Walther, Evaluating Derivatives, 2008, ch. 3). All requests for one loss share one backward pass.
 * @throws GraphError if a loss does not depend on the tensor of its requested gradient.
 */
export function expandGradients(roots: readonly Tensor[]): Tensor[] {
  const wanted = new Map<Tensor, Set<Tensor>>();
  for (const [loss, x] of requestsOf(inOrder(roots))) wanted.set(loss, (wanted.get(loss) ?? new Set()).add(x));
  const gradients = new Map<Tensor, ReadonlyMap<Tensor, Tensor>>();
  for (const [loss, xs] of wanted) gradients.set(loss, backward(loss, xs));
  return rebuild(roots, (node) => {
    const request = node.match(gradientOp);
    if (request === undefined) return undefined;
    const [loss, x] = request.inputs;
    return gradients.get(loss)!.get(x);
  });
}

/** dLoss/dx for each x. Contributions to a tensor are added in the order in which the walk from the loss meets them. */
function backward(loss: Tensor, xs: ReadonlySet<Tensor>): ReadonlyMap<Tensor, Tensor> {
  const order = inOrder([loss]);
  const leads = new Set<Tensor>(xs);
  for (const node of order) if (node.inputs.some((input) => leads.has(input))) leads.add(node);
  const adjoints = new Map<Tensor, Tensor>([[loss, onesLike(loss)]]);
  for (const node of order.reverse()) {
    const dy = adjoints.get(node);
    if (dy !== undefined && node.inputs.length > 0 && leads.has(node)) spread(node, dy, leads, adjoints);
  }
  for (const x of xs) {
    if (!adjoints.has(x)) throw new GraphError(`gradients: the loss does not depend on ${describe(x)}`);
  }
  return adjoints;
}

/** Adds the gradients that flow from a node to its inputs. */
function spread(node: Tensor, dy: Tensor, leads: ReadonlySet<Tensor>, adjoints: Map<Tensor, Tensor>): void {
  const contributions = node.operation.gradient(dy, node.inputs, node.attributes, node);
  node.inputs.forEach((input, i) => {
    const contribution = contributions[i];
    if (contribution === null || contribution === undefined || !leads.has(input)) return;
    const sofar = adjoints.get(input);
    adjoints.set(input, sofar === undefined ? contribution : add(sofar, contribution));
  });
}

function describe(x: Tensor): string {
  return x.match(placeholderOp)?.attributes.name ?? x.match(variableOp)?.attributes.name ?? x.toString();
}
