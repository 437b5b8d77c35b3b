import { GraphError } from "../../src/engine/errors.ts";
import { gradients } from "../../src/engine/graph/gradients.ts";
import { saved } from "../../src/engine/graph/graph.ts";
import type { Tensor } from "../../src/engine/graph/tensor.ts";
import type { Shape } from "../../src/engine/shape.ts";
import type { OpGraph } from "./op-graph.ts";
import { weightedLoss } from "./weighted-loss.ts";

/** y, the tensors that its operation keeps, and the gradients of a loss of y in those inputs that have one. */
export function fetchesOf({ xs, y }: OpGraph): Tensor[] {
  const kept =
    y.operation.saved?.(
      y.inputs.map(({ shape }) => shape as Shape),
      y.attributes,
    ) ?? [];
  return [y, ...kept.map((_, i) => saved(y, i)), ...gradients(weightedLoss(y), xs).filter(hasGradient)];
}

/** Tells whether the compiler finds a gradient. It finds none for steps and for nodes that are part of a gradient. */
function hasGradient(request: Tensor): boolean {
  const [loss, x] = request.inputs as [Tensor, Tensor];
  const y = loss.inputs[0]!.inputs[0]!;
  try {
    return y.operation.gradient(y, y.inputs, y.attributes, y)[y.inputs.indexOf(x)] !== null;
  } catch (error) {
    if (error instanceof GraphError) return false;
    throw error;
  }
}
