import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { broadcastShapes } from "../../shape.ts";
import type { OpDefinition } from "../define-op.ts";
import { lowerBinary } from "../../lowering/elementwise.ts";

export const equalOp: OpDefinition<object, 2> = {
  name: "equal",
  rows: 0,
  zeros: "few",
  constantIn: [0, 1],
  shape: ([a, b]) => broadcastShapes("equal", a, b),
  gradient: () => [null, null],
  lower: (emit, y, [a, b]) => lowerBinary(emit, "equal", y, a, b),
  cases: [
    {
      inputs: [
        [2, 3],
        [2, 3],
      ],
      attributes: {},
    },
    {
      inputs: [
        [2, 1, 3],
        [4, 1],
      ],
      attributes: {},
    },
  ],
};

/** 1 where a = b, else 0; shapes broadcast. Its gradient is zero. */
export function equal(a: Tensor, b: Tensor): Tensor {
  return apply(equalOp, [a, b], {});
}
