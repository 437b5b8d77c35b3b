import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { OpDefinition } from "./define-op.ts";
import { mul } from "./mul.ts";
import { sigmoid } from "./sigmoid.ts";
import { lowerUnary } from "../lowering/elementwise.ts";

export const softplusOp: OpDefinition<object, 1> = {
  name: "softplus",
  rows: 1,
  zeros: "few",
  shape: ([x]) => x,
  gradient: (dy, [x]) => [mul(dy, sigmoid(x))],
  lower: (emit, y, [x]) => lowerUnary(emit, "softplus", y, x),
  cases: [{ inputs: [[3, 5]], attributes: {} }],
};

/** y = ln(1 + eˣ), element by element, > 0.  dx = dy·sigmoid x. */
export function softplus(x: Tensor): Tensor {
  return apply(softplusOp, [x], {});
}
