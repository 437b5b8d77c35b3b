import { checkOptionNames } from "../arguments.ts";
import { ArgumentError, ShapeError } from "../errors.ts";
import { apply, saved } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { compatible, formatShape, type PartialShape, type Shape } from "../shape.ts";
import type { OpDefinition } from "./define-op.ts";
import { batchNormGrad } from "./gradients/batch-norm-grad.ts";
import { lowerBatchNorm } from "../lowering/batch-norm.ts";

/** ε, added to the variance, > 0. */
export interface BatchNormAttributes {
  readonly epsilon: number;
}

export const batchNormOp: OpDefinition<BatchNormAttributes, 2> = {
  name: "batchNorm",
  rows: 0,
  zeros: "few",
  shape: ([x, beta], attributes) => batchNormShape("batchNorm", x, beta, attributes),
  saved: ([, beta]) => batchStatistics(beta),
  gradient(dy, [x], _, y) {
    const dx = batchNormGrad(dy, x, saved(y, 0), saved(y, 1));
    return [dx, saved(dx, 0)];
  },
  lower: (emit, y, inputs, { epsilon }, kept) => lowerBatchNorm(emit, y, inputs, epsilon, false, kept),
  cases: [
    { inputs: [[3, 2, 2, 3], [3]], attributes: { epsilon: 1e-5 } },
    { inputs: [[1, 3, 3, 1], [1]], attributes: { epsilon: 1e-3 } },
    { inputs: [[5, 2], [2]], attributes: { epsilon: 1e-5 } },
  ],
};

/** The shape rule of every batch norm. @throws ShapeError, ArgumentError as batchNorm. */
export function batchNormShape(
  op: string,
  x: PartialShape,
  beta: PartialShape,
  { epsilon }: BatchNormAttributes,
): PartialShape {
  if (x.length < 2 || beta.length !== 1 || !compatible(beta[0]!, x[x.length - 1]!)) {
    throw new ShapeError(
      `${op}: beta ${formatShape(beta)} is not one number for each channel (last axis) of x ${formatShape(x)}`,
    );
  }
  if (!(Number.isFinite(epsilon) && epsilon > 0)) throw new ArgumentError(`${op}: epsilon ${epsilon} is not above 0`);
  return x;
}

/** What every batch norm keeps: the mean and 1 / √(variance + ε) of each channel. */
export function batchStatistics(beta: Shape): readonly Shape[] {
  return [beta, beta];
}

/**
 * y = (x − mean) / √(variance + ε) + beta for each channel: x [..., channels], beta [channels]. Mean and biased variance
 * are those of this batch, always (Ioffe & Szegedy 2015, https://arxiv.org/abs/1502.03167, without gamma and moving
 * averages); gradients flow through both. A channel that is the same number everywhere becomes beta, exactly.
 * @throws ShapeError where beta is not one number a channel, ArgumentError unless epsilon > 0.
 */
export function batchNorm(x: Tensor, beta: Tensor, options: Partial<BatchNormAttributes> = {}): Tensor {
  checkOptionNames("batchNorm", options, ["epsilon"]);
  return apply(batchNormOp, [x, beta], { epsilon: options.epsilon ?? 1e-5 });
}
