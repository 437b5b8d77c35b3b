import { inOrder } from "../../../src/engine/compile/passes/traverse.ts";
import type { Operation } from "../../../src/engine/graph/operation.ts";
import {
  constantOp,
  placeholderOp,
  savedOp,
  variableOp,
  type ConstantAttributes,
} from "../../../src/engine/graph/sources.ts";
import type { Tensor } from "../../../src/engine/graph/tensor.ts";
import type { Shape } from "../../../src/engine/shape.ts";
import { referenceOf } from "./index.ts";
import { valueOf, type Value } from "./value.ts";

/** Numbers of placeholders and variables by name. */
export type Given = Readonly<Record<string, ArrayLike<number>>>;

/** Computes the roots of a graph of known shapes in float64. */
export function interpret(roots: readonly Tensor[], given: Given): Value[] {
  const results = new Map<Tensor, readonly Value[]>();
  for (const node of inOrder(roots)) {
    results.set(
      node,
      resultsOf(node, given, (input) => results.get(input)!),
    );
  }
  return roots.map((root) => results.get(root)![0]!);
}

/** y and the kept results of one node, from its inputs' results. */
function resultsOf(node: Tensor, given: Given, resultsOfInput: (input: Tensor) => readonly Value[]): readonly Value[] {
  if (isA(node, savedOp)) {
    const { index } = node.attributes as { readonly index: number };
    return [resultsOfInput(node.inputs[0]!)[index + 1]!];
  }
  const source = sourceOf(node, given);
  if (source !== undefined) return [source];
  const inputs = node.inputs.map((input) => resultsOfInput(input)[0]!);
  return referenceOf(node.operation.name).values(inputs, node.attributes, node.shape as Shape);
}

/** The numbers of a node without inputs; undefined for others. */
export function sourceOf(node: Tensor, given: Given): Value | undefined {
  const shape = node.shape as Shape;
  if (isA(node, constantOp)) return valueOf(shape, (node.attributes as ConstantAttributes).values);
  if (!isA(node, placeholderOp) && !isA(node, variableOp)) return undefined;
  const { name } = node.attributes as { readonly name: string };
  const numbers = given[name];
  if (numbers === undefined) throw new Error(`nothing is given for ${name}`);
  return valueOf(shape, numbers);
}

/** Tells whether a node is of this operation. */
export function isA(node: Tensor, operation: unknown): boolean {
  return node.operation === (operation as Operation);
}
