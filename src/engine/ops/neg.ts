import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { OpDefinition } from "./define-op.ts";
import { lowerUnary } from "../lowering/elementwise.ts";

export const negOp: OpDefinition<object, 1> = {
  name: "neg",
  rows: 1,
  zeros: "few",
  shape: ([x]) => x,
  gradient: (dy) => [neg(dy)],
  lower: (emit, y, [x]) => lowerUnary(emit, "neg", y, x),
  cases: [{ inputs: [[3, 5]], attributes: {} }],
};

/** y = −x, element by element.  dx = −dy. */
export function neg(x: Tensor): Tensor {
  return apply(negOp, [x], {});
}
