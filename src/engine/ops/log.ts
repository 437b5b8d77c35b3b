import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { OpDefinition } from "./define-op.ts";
import { div } from "./div.ts";
import { lowerUnary } from "../lowering/elementwise.ts";

export const logOp: OpDefinition<object, 1> = {
  name: "log",
  rows: 1,
  zeros: "few",
  shape: ([x]) => x,
  gradient: (dy, [x]) => [div(dy, x)],
  lower: (emit, y, [x]) => lowerUnary(emit, "log", y, x),
  cases: [{ inputs: [[3, 5]], attributes: {}, range: [0.1, 4] }],
};

/** y = ln x, element by element; NaN for x < 0, −∞ at 0.  dx = dy / x. */
export function log(x: Tensor): Tensor {
  return apply(logOp, [x], {});
}
