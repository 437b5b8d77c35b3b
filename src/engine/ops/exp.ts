import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { OpDefinition } from "./define-op.ts";
import { mul } from "./mul.ts";
import { lowerUnary } from "../lowering/elementwise.ts";

export const expOp: OpDefinition<object, 1> = {
  name: "exp",
  rows: 1,
  zeros: "few",
  shape: ([x]) => x,
  gradient: (dy, _inputs, _attributes, y) => [mul(dy, y)],
  lower: (emit, y, [x]) => lowerUnary(emit, "exp", y, x),
  cases: [{ inputs: [[3, 5]], attributes: {} }],
};

/** y = eˣ, element by element.  dx = dy·y. */
export function exp(x: Tensor): Tensor {
  return apply(expOp, [x], {});
}
