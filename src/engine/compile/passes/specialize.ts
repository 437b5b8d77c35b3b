import { GraphError } from "../../errors.ts";
import { placeholderOp, variableOp } from "../../graph/sources.ts";
import { Placeholder, Variable, type Tensor } from "../../graph/tensor.ts";
import type { Shape } from "../../shape.ts";
import { SharedGraph } from "../shared-graph.ts";
import { rebuild } from "./traverse.ts";

/**
 * Copies the nodes that the roots need into a new graph, with the shapes that were fed. All shapes of the new graph are
 * known.
 * @throws GraphError for a placeholder that is needed and was not fed; ShapeError where the fed shapes do not fit.
 */
export function specialize(roots: readonly Tensor[], feedShapes: ReadonlyMap<string, Shape>): Tensor[] {
  const graph = new SharedGraph();
  return rebuild(roots, (node, successor) => {
    if (node instanceof Placeholder) {
      const shape = feedShapes.get(node.name);
      if (shape === undefined) throw new GraphError(`run: placeholder "${node.name}" is needed and was not fed`);
      return graph.apply(placeholderOp, [], { name: node.name, shape });
    }
    if (node instanceof Variable) return graph.apply(variableOp, [], { name: node.name, shape: node.shape });
    return graph.apply(node.operation, node.inputs.map(successor), node.attributes);
  });
}
