import { apply } from "../../graph/graph.ts";
import { addOp } from "../../ops/arithmetic.ts";
import { definitionOf } from "../../ops/define-op.ts";
import { sameShape } from "../../shape.ts";
import { inputShapes, type Rewrite } from "./rewrite.ts";

/**
 * A sum whose second term is a product (the gradients of a weight that is shared) becomes a product that is added where
 * the first term lies, where the product's definition says that all bits stay. It applies only where nobody else reads
 * the product, so bits would change with what else is fetched: a filter's gradient is added as one number, and a matrix
 * product likewise where its inner axis is one block of the sum; others stay.
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
