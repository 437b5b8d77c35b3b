import { PANEL_COLUMNS } from "../runtime/sizes.generated.ts";
import type { Layout } from "../program/buffer.ts";
import { gradientOp } from "../graph/gradients.ts";
import type { Graph } from "../graph/graph.ts";
import type { Tensor, Variable } from "../graph/tensor.ts";
import { definitionOf } from "../ops/define-op.ts";

/**
 * The layout of a variable in a session. Weights of dense layers are matrices that only products read, as their second
 * factor. They lie in the panels that those products read, so no step packs them. Their gradient and moments lie the
 * same way.
 */
export function layoutOfVariable(graph: Graph, variable: Variable): Layout {
  if (variable.shape.length !== 2 || variable.shape[1]! % PANEL_COLUMNS !== 0) return "plain";
  const readers = graph.nodes.filter((node) => node.inputs.includes(variable) && !node.isResultOf(gradientOp));
  return readers.length > 0 && readers.every((node) => isProductBy(node, variable)) ? "panels" : "plain";
}

function isProductBy(node: Tensor, weights: Variable): boolean {
  const definition = definitionOf(node);
  if (definition?.readsPanels?.(node.attributes) !== true) return false;
  const panelInput = definition.panelInput?.(node.attributes);
  return node.inputs.every((input, i) => input !== weights || i === panelInput);
}
