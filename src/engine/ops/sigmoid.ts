import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { OpDefinition } from "./define-op.ts";
import { sigmoidGrad } from "./gradients/sigmoid-grad.ts";
import { lowerUnary } from "../lowering/elementwise.ts";

export const sigmoidOp: OpDefinition<object, 1> = {
  name: "sigmoid",
  rows: 1,
  zeros: "few",
  shape: ([x]) => x,
  gradient: (dy, _inputs, _attributes, y) => [sigmoidGrad(dy, y)],
  lower: (emit, y, [x]) => lowerUnary(emit, "sigmoid", y, x),
  cases: [{ inputs: [[3, 5]], attributes: {} }],
};

/** y = 1 / (1 + e⁻ˣ), element by element, in (0, 1).  dx = dy·y·(1 − y). */
export function sigmoid(x: Tensor): Tensor {
  return apply(sigmoidOp, [x], {});
}
