import { checkOptionNames } from "../arguments.ts";
import { ArgumentError, ShapeError } from "../errors.ts";
import { apply, saved } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { compatible, formatShape } from "../shape.ts";
import type { OpDefinition } from "./define-op.ts";
import { batchNormGrad } from "./gradients/batch-norm-grad.ts";
import { combineBlocks, partialSums, sumColumns } from "./lowering/columns.ts";

/** ε, added to the variance, > 0. */
export interface BatchNormAttributes {
  readonly epsilon: number;
}

export const batchNormOp: OpDefinition<BatchNormAttributes, 2> = {
  name: "batchNorm",
  shape([x, beta], { epsilon }) {
    if (x.length < 2 || beta.length !== 1 || !compatible(beta[0]!, x[x.length - 1]!)) {
      throw new ShapeError(
        `batchNorm: beta ${formatShape(beta)} is not one number for each channel (last axis) of x ${formatShape(x)}`,
      );
    }
    if (!(Number.isFinite(epsilon) && epsilon > 0))
      throw new ArgumentError(`batchNorm: epsilon ${epsilon} is not above 0`);
    return x;
  },
  /** The mean and 1 / √(variance + ε) of each channel. */
  saved: ([, beta]) => [beta, beta],
  gradient(dy, [x], _, y) {
    const dx = batchNormGrad(dy, x, saved(y, 0), saved(y, 1));
    return [dx, saved(dx, 0)];
  },
  lower(emit, y, [x, beta], { epsilon }, [mean, rstd]) {
    const channels = beta.size;
    const rows = x.size / channels;
    const deviations = partialSums(emit, rows, channels);
    const variance = emit.scratch([channels]);
    sumColumns(emit, mean!, x, rows, channels, rows);
    emit.call("columnSquaredDeviations", [deviations, x, mean!, rows, channels], deviations.shape[0]!);
    combineBlocks(emit, variance, deviations, rows);
    emit.call("inverseDeviation", [rstd!, variance, epsilon], channels);
    emit.inPlace(y, x);
    emit.call("batchNorm", [y, x, mean!, rstd!, beta, channels], rows);
  },
  cases: [
    { inputs: [[3, 2, 2, 3], [3]], attributes: { epsilon: 1e-5 } },
    { inputs: [[1, 3, 3, 1], [1]], attributes: { epsilon: 1e-3 } },
    { inputs: [[5, 2], [2]], attributes: { epsilon: 1e-5 } },
  ],
};

/**
 * y = (x − mean) / √(variance + ε) + beta for each channel: x [..., channels], beta [channels]. Mean and biased variance
 * are those of this batch, always (Ioffe & Szegedy 2015, https://arxiv.org/abs/1502.03167, without gamma and moving
 * averages); gradients flow through both.
 * @throws ShapeError where beta is not one number a channel, ArgumentError unless epsilon > 0.
 */
export function batchNorm(x: Tensor, beta: Tensor, options: Partial<BatchNormAttributes> = {}): Tensor {
  checkOptionNames("batchNorm", options, ["epsilon"]);
  return apply(batchNormOp, [x, beta], { epsilon: options.epsilon ?? 1e-5 });
}
