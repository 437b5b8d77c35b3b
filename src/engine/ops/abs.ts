import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { OpDefinition } from "./define-op.ts";
import { absGrad } from "./gradients/abs-grad.ts";
import { lowerUnary } from "../lowering/elementwise.ts";

export const absOp: OpDefinition<object, 1> = {
  name: "abs",
  rows: 1,
  zeros: "few",
  shape: ([x]) => x,
  gradient: (dy, [x]) => [absGrad(dy, x)],
  lower: (emit, y, [x]) => lowerUnary(emit, "abs", y, x),
  cases: [{ inputs: [[3, 5]], attributes: {}, kinks: [0] }],
};

/** y = |x|, element by element.  dx = dy·sign x, 0 at 0. */
export function abs(x: Tensor): Tensor {
  return apply(absOp, [x], {});
}
