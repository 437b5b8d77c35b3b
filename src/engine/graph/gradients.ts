import { checkList } from "../arguments.ts";
import { GraphError } from "../errors.ts";
import { isConcrete, sizeOf } from "../shape.ts";
import { apply, checkTensor } from "./graph.ts";
import type { Operation } from "./operation.ts";
import { Placeholder, Variable, type Tensor } from "./tensor.ts";

/** A request, answered when the graph is compiled: the gradient of a loss with respect to one tensor. */
export const gradientOp: Operation<object, 2> = {
  name: "gradient",
  shape: ([, x]) => x,
  gradient: () => {
    throw new GraphError("gradients: a gradient cannot be differentiated again");
  },
};

/** The loss and the x of each request for a gradient among these nodes. */
export function requestsOf(nodes: readonly Tensor[]): readonly (readonly [loss: Tensor, x: Tensor])[] {
  return nodes.flatMap((node) => {
    const request = node.match(gradientOp);
    return request === undefined ? [] : [request.inputs];
  });
}

/**
 * dLoss/dx for each x: tensors of x's shape. The request is recorded; compiling expands it after the forward graph was
 * rewritten, so that a fast form of an operation brings its own gradient.
 * @throws GraphError unless loss is a scalar and every x a variable or a placeholder.
 */
export function gradients(loss: Tensor, xs: readonly Tensor[]): Tensor[] {
  checkTensor("gradients", loss);
  checkList("gradients: xs", xs);
  if (!isConcrete(loss.shape) || sizeOf(loss.shape) !== 1) {
    throw new GraphError(`gradients: loss ${loss.toString()} is not a scalar; take its mean or sum first`);
  }
  return xs.map((x) => {
    if (!(x instanceof Variable || x instanceof Placeholder)) {
      throw new GraphError(`gradients: ${String(x)} is neither a variable nor a placeholder`);
    }
    return apply(gradientOp, [loss, x], {});
  });
}
