import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { OpDefinition } from "./define-op.ts";
import { add } from "./add.ts";
import { div } from "./div.ts";
import { lowerUnary } from "../lowering/elementwise.ts";

export const sqrtOp: OpDefinition<object, 1> = {
  name: "sqrt",
  rows: 1,
  zeros: "few",
  shape: ([x]) => x,
  gradient: (dy, _inputs, _attributes, y) => [div(dy, add(y, y))],
  lower: (emit, y, [x]) => lowerUnary(emit, "sqrt", y, x),
  cases: [{ inputs: [[3, 5]], attributes: {}, range: [0.1, 4] }],
};

/** y = √x, element by element; NaN for x < 0.  dx = dy / 2y. */
export function sqrt(x: Tensor): Tensor {
  return apply(sqrtOp, [x], {});
}
