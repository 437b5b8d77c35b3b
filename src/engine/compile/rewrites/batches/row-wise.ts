// Facts about rows (indices of axis 0: the images of a batch) from the operations' definitions.
import type { Tensor } from "../../../graph/tensor.ts";
import { definitionOf } from "../../../ops/define-op.ts";
import { concrete } from "../../../shape.ts";
import { rowShape } from "./rows.ts";

/**
 * The number of inputs, counted from the first, of which row i of the result reads row i alone. All rows share the
 * other inputs. 0 means that the rows mix.
 */
export function rowInputs(node: Tensor): number {
  const rows = definitionOf(node)?.rows ?? 0;
  if (node.shape.length < 2) return 0;
  if (typeof rows === "number") return rows;
  const shapes = node.inputs.map(({ shape }) => concrete(shape));
  return rows(shapes, node.attributes, concrete(node.shape));
}

/**
 * A text for the operation of a node on each of its rows, for any rows. Two nodes with the same operation have the same
 * text.
 */
export function workOnRows(node: Tensor): string {
  const rows = rowInputs(node);
  const inputs = node.inputs.map((input, i) => (i < rows ? `[${rowShape(input).join()}]` : input.id));
  return `${node.operation.name}(${inputs.join()})[${rowShape(node).join()}]${JSON.stringify(rowAttributes(node))}`;
}

/** Applies the node's operation to the rows of other inputs. */
export function applyToRows(node: Tensor, inputs: readonly Tensor[]): Tensor {
  return node.graph.apply(node.operation, inputs, rowAttributes(node));
}

/** The attributes without the number of rows. */
function rowAttributes(node: Tensor): object {
  return definitionOf(node)?.withRows?.(node.attributes, rowShape(node)) ?? node.attributes;
}
