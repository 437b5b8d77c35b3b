import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { OpDefinition } from "./define-op.ts";
import { reluGrad } from "./gradients/relu-grad.ts";
import { lowerUnary } from "../lowering/elementwise.ts";

export const reluOp: OpDefinition<object, 1> = {
  name: "relu",
  rows: 1,
  zeros: "many",
  shape: ([x]) => x,
  gradient: (dy, _inputs, _attributes, y) => [reluGrad(dy, y)],
  lower: (emit, y, [x]) => lowerUnary(emit, "relu", y, x),
  cases: [{ inputs: [[3, 5]], attributes: {}, kinks: [0] }],
};

/** y = max(x, 0), element by element; NaN stays NaN.  dx = dy where y > 0, else 0. */
export function relu(x: Tensor): Tensor {
  return apply(reluOp, [x], {});
}
