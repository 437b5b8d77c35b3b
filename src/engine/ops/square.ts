import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { OpDefinition } from "./define-op.ts";
import { add } from "./add.ts";
import { mul } from "./mul.ts";
import { lowerUnary } from "../lowering/elementwise.ts";

export const squareOp: OpDefinition<object, 1> = {
  name: "square",
  rows: 1,
  zeros: "few",
  shape: ([x]) => x,
  gradient: (dy, [x]) => [mul(dy, add(x, x))],
  lower: (emit, y, [x]) => lowerUnary(emit, "square", y, x),
  cases: [{ inputs: [[3, 5]], attributes: {} }],
};

/** y = x², element by element.  dx = dy·2x. */
export function square(x: Tensor): Tensor {
  return apply(squareOp, [x], {});
}
