import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { OpDefinition } from "../define-op.ts";

/** The factor, rounded to float32. */
export interface ScaleAttributes {
  readonly factor: number;
}

export const scaleOp: OpDefinition<ScaleAttributes, 1> = {
  name: "scale",
  rows: 0,
  zeros: "few",
  shape: ([x]) => x,
  gradient: (dy, _, { factor }) => [scale(dy, factor)],
  lower(emit, y, [x], { factor }) {
    emit.inPlace(y, x);
    emit.call("scale", [y, x, factor], y.size);
  },
  cases: [{ inputs: [[3, 5]], attributes: { factor: 0.375 } }],
};

/** y = factor·x, element by element.  dx = factor·dy. */
export function scale(x: Tensor, factor: number): Tensor {
  return apply(scaleOp, [x], { factor });
}
