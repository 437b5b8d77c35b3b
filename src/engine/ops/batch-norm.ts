import { checkOptionNames } from "../arguments.ts";
import { ArgumentError, ShapeError } from "../errors.ts";
import { apply, saved } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { lowerBatchNorm, lowerBatchNormGrad } from "../lowering/batch-norm.ts";
import { compatible, formatShape, type PartialShape } from "../shape.ts";
import { on } from "./cases.ts";
import { partOfGradient, type OpDefinition } from "./define-op.ts";

/** ε, added to the variance, > 0. */
export interface BatchNormAttributes {
  readonly epsilon: number;
}

/** The norm, and whether relu follows. Together they need one pass over x less in each direction. */
interface NormAttributes extends BatchNormAttributes {
  readonly relu?: true;
}

export const batchNormOp: OpDefinition<NormAttributes, 2> = {
  name: "batchNorm",
  rows: 0,
  zeros: ({ relu }) => (relu ? "many" : "few"),
  epilogues: ["relu"],
  shape: ([x, beta], attributes) => batchNormShape(x, beta, attributes),
  /** The mean and 1 / √(variance + ε) of each channel. */
  saved: ([, beta]) => [beta, beta],
  gradient(dy, [x, beta], { relu }, y) {
    const [mean, rstd] = [saved(y, 0), saved(y, 1)];
    const dx = relu ? batchNormReluGrad(dy, x, mean, rstd, beta) : batchNormGrad(dy, x, mean, rstd);
    return [dx, saved(dx, 0)];
  },
  lower: (emit, y, inputs, { epsilon, relu = false }, kept) => lowerBatchNorm(emit, y, inputs, epsilon, relu, kept),
  cases: () => [
    on([3, 2, 2, 3], [3], { epsilon: 1e-5 }),
    on([1, 3, 3, 1], [1], { epsilon: 1e-3 }),
    on([5, 2], [2], { epsilon: 1e-5 }),
    on([3, 2, 2, 3], [3], { epsilon: 1e-5, relu: true }),
    on([1, 3, 3, 1], [1], { epsilon: 1e-3, relu: true }),
    on([5, 6], [6], { epsilon: 1e-5, relu: true }),
  ],
};

/** With relu, beta is the last input. */
export const batchNormGradOp: OpDefinition<Pick<NormAttributes, "relu">, 4 | 5> = {
  ...partOfGradient("batchNormGrad"),
  zeros: "few",
  shape: ([dy]) => dy,
  /** dBeta = Σ dy of each channel; with relu, of the dy that pass it. */
  saved: ([, , mean]) => [mean],
  lower: (emit, dx, [dy, x, mean, rstd, beta], _, [dBeta]) =>
    lowerBatchNormGrad(emit, dx, [dy, x, mean, rstd], beta, dBeta!),
  cases: () => [
    on([3, 2, 2, 3], [3, 2, 2, 3], [3], [3], {}),
    on([300, 1], [300, 1], [1], [1], {}),
    on([3, 2, 2, 3], [3, 2, 2, 3], [3], [3], [3], { relu: true }),
    on([300, 1], [300, 1], [1], [1], [1], { relu: true }),
  ],
};

/** @throws ShapeError, ArgumentError as batchNorm. */
function batchNormShape(x: PartialShape, beta: PartialShape, { epsilon }: BatchNormAttributes): PartialShape {
  if (x.length < 2 || beta.length !== 1 || !compatible(beta[0]!, x[x.length - 1]!)) {
    throw new ShapeError(
      `batchNorm: beta ${formatShape(beta)} is not one number for each channel (last axis) of x ${formatShape(x)}`,
    );
  }
  if (!(Number.isFinite(epsilon) && epsilon > 0))
    throw new ArgumentError(`batchNorm: epsilon ${epsilon} is not above 0`);
  return x;
}

/**
 * y = (x − mean) / √(variance + ε) + beta for each channel: x [..., channels], beta [channels]. Mean and biased
 * variance are always those of this batch (Ioffe & Szegedy 2015, https://arxiv.org/abs/1502.03167, without gamma and
 * moving averages); gradients flow through both. A channel with the same number everywhere becomes exactly beta.
 * @throws ShapeError unless beta has one number for each channel, ArgumentError unless epsilon > 0.
 */
export function batchNorm(x: Tensor, beta: Tensor, options: Partial<BatchNormAttributes> = {}): Tensor {
  checkOptionNames("batchNorm", options, ["epsilon"]);
  return apply(batchNormOp, [x, beta], { epsilon: options.epsilon ?? 1e-5 });
}

/**
 * dx of batchNorm from the statistics it kept: rstd·(dy − Σdy/rows − x̂·Σ(dy·x̂)/rows) with x̂ = (x − mean)·rstd.
 * It keeps dBeta = Σ dy.
 */
export function batchNormGrad(dy: Tensor, x: Tensor, mean: Tensor, rstd: Tensor): Tensor {
  return apply(batchNormGradOp, [dy, x, mean, rstd], {});
}

/**
 * dx of relu(batchNorm) from the statistics it kept: batchNormGrad of dy where y = (x − mean)·rstd + beta > 0, and of 0
 * elsewhere. y is computed again, bit for bit, so it need not be kept. It keeps dBeta.
 */
export function batchNormReluGrad(dy: Tensor, x: Tensor, mean: Tensor, rstd: Tensor, beta: Tensor): Tensor {
  return apply(batchNormGradOp, [dy, x, mean, rstd, beta], { relu: true });
}
