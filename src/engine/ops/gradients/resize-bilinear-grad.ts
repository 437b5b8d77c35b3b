import { apply } from "../../graph/graph.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { Shape } from "../../shape.ts";
import { partOfGradient, type OpDefinition } from "../define-op.ts";

/** The shape of the x whose gradient this is. */
export interface ResizeGradAttributes {
  readonly xShape: Shape;
}

export const resizeBilinearGradOp: OpDefinition<ResizeGradAttributes, 1> = {
  ...partOfGradient("resizeBilinearGrad"),
  zeros: "few",
  shape: (_, { xShape }) => xShape,
  lower(emit, dx, [dy]) {
    const [batch, inHeight, inWidth, channels] = dx.shape as [number, number, number, number];
    const [, outHeight, outWidth] = dy.shape as [number, number, number];
    emit.call("resizeBilinearGrad", [dx, dy, inHeight, inWidth, outHeight, outWidth, channels], batch);
  },
  cases: [
    { inputs: [[2, 4, 6, 2]], attributes: { xShape: [2, 2, 3, 2] } },
    { inputs: [[1, 2, 2, 3]], attributes: { xShape: [1, 4, 5, 3] } },
  ],
};

/** dx [xShape] of resizeBilinear: each dy is spread over the four pixels it was made from. */
export function resizeBilinearGrad(dy: Tensor, xShape: Shape): Tensor {
  return apply(resizeBilinearGradOp, [dy], { xShape });
}
