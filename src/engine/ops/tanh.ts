import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { OpDefinition } from "./define-op.ts";
import { tanhGrad } from "./gradients/tanh-grad.ts";
import { lowerUnary } from "../lowering/elementwise.ts";

export const tanhOp: OpDefinition<object, 1> = {
  name: "tanh",
  rows: 1,
  zeros: "few",
  shape: ([x]) => x,
  gradient: (dy, _inputs, _attributes, y) => [tanhGrad(dy, y)],
  lower: (emit, y, [x]) => lowerUnary(emit, "tanh", y, x),
  cases: [{ inputs: [[3, 5]], attributes: {} }],
};

/** y = tanh x, element by element, in (−1, 1).  dx = dy·(1 − y²). */
export function tanh(x: Tensor): Tensor {
  return apply(tanhOp, [x], {});
}
