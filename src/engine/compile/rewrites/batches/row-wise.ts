// What the operations' definitions say of rows (indices of axis 0: the images of a batch).
import type { Tensor } from "../../../graph/tensor.ts";
import { definitionOf } from "../../../ops/define-op.ts";
import { concrete } from "../../../shape.ts";
import { rowShape } from "./rows.ts";

/**
 * How many inputs, from the first on, give row i of the result their row i alone; the result shares the others among
 * all rows. 0: the rows mix.
 */
export function rowInputs(node: Tensor): number {
  const rows = definitionOf(node)?.rows ?? 0;
  if (node.shape.length < 2) return 0;
  if (typeof rows === "number") return rows;
  const shapes = node.inputs.map(({ shape }) => concrete(shape));
  return rows(shapes, node.attributes, concrete(node.shape));
}

/** What a node does to each of its rows, whatever rows it is given; two that do the same have the same text. */
export function workOnRows(node: Tensor): string {
  const rows = rowInputs(node);
  const inputs = node.inputs.map((input, i) => (i < rows ? `[${rowShape(input).join()}]` : input.id));
  return `${node.operation.name}(${inputs.join()})[${rowShape(node).join()}]${JSON.stringify(rowAttributes(node))}`;
}

/** Does to the rows of other inputs what the node does to its own. */
export function applyToRows(node: Tensor, inputs: readonly Tensor[]): Tensor {
  return node.graph.apply(node.operation, inputs, rowAttributes(node));
}

/** The attributes without the number of rows. */
function rowAttributes(node: Tensor): object {
  return definitionOf(node)?.withRows?.(node.attributes, rowShape(node)) ?? node.attributes;
}
