import { apply } from "../../graph/graph.ts";
import { addOp } from "../../ops/arithmetic.ts";
import { definitionOf } from "../../ops/define-op.ts";
import { sameShape } from "../../shape.ts";
import { inputShapes, type Rewrite } from "./rewrite.ts";

/**
 * A sum whose second term is a product (the gradients of a weight that is shared) becomes a product that is added in
 * the memory of the first term. The rewrite applies only if no other node reads the product. A change of bits would
 * then depend on what else is fetched, so the product's definition must say that all bits stay. They stay for a
 * filter's gradient, which is added as one number, and for a matrix product whose inner axis is one block of the sum.
 * Other products are not changed.
 */
export const accumulateProducts: Rewrite = ({ node, successor, uses }) => {
  const sum = node.match(addOp);
  if (sum === undefined) return undefined;
  const [addend, product] = sum.inputs;
  if (uses(product) > 1 || !sameShape(addend.shape, product.shape)) return undefined;
  if (definitionOf(product)?.accumulates?.(inputShapes(product), product.attributes) !== true) return undefined;
  const inputs = [addend, ...product.inputs].map(successor);
  return apply(product.operation, inputs, { ...product.attributes, accumulate: true });
};
