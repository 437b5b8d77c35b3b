// Inputs and arguments that operations refuse, and the messages of the errors.
import type { ErrorCode } from "../../src/engine/errors.ts";
import type { Tensor } from "../../src/engine/graph/tensor.ts";
import { apply } from "../../src/engine/graph/graph.ts";
import { addAt } from "../../src/engine/ops/add-at.ts";
import { conv2dTransposeOp } from "../../src/engine/ops/conv2d-transpose.ts";
import { conv2dOp } from "../../src/engine/ops/conv2d.ts";
import { broadcastTo } from "../../src/engine/ops/sum.ts";
import { equal } from "../../src/engine/ops/arithmetic.ts";
import { greaterEqual } from "../../src/engine/ops/arithmetic.ts";
import { matMulOp } from "../../src/engine/ops/mat-mul.ts";
import * as ops from "../../src/engine/ops/index.ts";
import type { PartialShape } from "../../src/engine/shape.ts";

/** One refusal: the operation's name begins the message. */
export interface Refusal {
  readonly op: string;
  readonly what: string;
  readonly shapes: readonly PartialShape[];
  readonly apply: (...inputs: Tensor[]) => unknown;
  readonly code: ErrorCode;
  readonly says: string;
}

type Row = readonly [
  op: string,
  what: string,
  shapes: readonly PartialShape[],
  apply: (...inputs: Tensor[]) => unknown,
  code: ErrorCode,
  says: string,
];

/** A value that TypeScript would not let through. */
const bad = (value: unknown): never => value as never;

const plain = { transposeA: false, transposeB: false };
const window = { strides: [1, 1], padding: "same" } as const;

const binary: readonly Row[] = Object.entries({
  add: ops.add,
  sub: ops.sub,
  mul: ops.mul,
  div: ops.div,
  maximum: ops.maximum,
  equal,
  greaterEqual,
}).map(([op, apply]) => [
  op,
  "shapes that do not broadcast",
  [[2, 3], [2, 4]],
  (a, b) => apply(a, b),
  "SHAPE",
  "a [2,3] and b [2,4] do not broadcast: axis 1 is 3 and 4, and neither is 1",
]); // prettier-ignore

const reducing = { sum: ops.sum, mean: ops.mean, max: ops.max };
const reductions: readonly Row[] = Object.entries(reducing).flatMap(([op, apply]) => [
  [op, "an axis past the last", [[2, 3]], (x) => apply(x, { axes: [2] }),
   "ARGUMENT", "axis 2 is not an integer from -2 to 1"],
  [op, "an axis before the first", [[2, 3]], (x) => apply(x, { axes: [-3] }), "ARGUMENT", "axis -3"],
  [op, "half an axis", [[2, 3]], (x) => apply(x, { axes: [0.5] }), "ARGUMENT", "axis 0.5"],
  [op, "an axis twice", [[2, 3]], (x) => apply(x, { axes: [1, -1] }), "ARGUMENT", "axes [1,-1] name an axis twice"],
] satisfies Row[]); // prettier-ignore

const pools: readonly Row[] = Object.entries({ avgPool: ops.avgPool, maxPool: ops.maxPool }).flatMap(([op, apply]) => [
  [op, "a matrix", [[4, 4]], (x) => apply(x), "SHAPE", "x [4,4] is not [batch, height, width, channels]"],
  [op, "a VALID window that does not fit", [[1, 2, 4, 1]], (x) => apply(x, { window: 3, padding: "valid" }),
   "SHAPE", "a window of [3,3] does not fit into x [1,2,4,1]"],
  [op, "a window of 0", [[1, 4, 4, 1]], (x) => apply(x, { window: 0 }),
   "ARGUMENT", "window [0,0] is not an integer ≥ 1"],
  [op, "strides of three", [[1, 4, 4, 1]], (x) => apply(x, { strides: bad([1, 2, 1]) }), "ARGUMENT", "strides [1,2,1]"],
  [op, "padding of another name", [[1, 4, 4, 1]], (x) => apply(x, { padding: bad("full") }),
   "ARGUMENT", 'padding "full" is neither'],
] satisfies Row[]); // prettier-ignore

const products: readonly Row[] = [
  ["matMul", "inner axes that differ", [[2, 3], [4, 5]], (a, b) => ops.matMul(a, b),
   "SHAPE", "a [2,3] and b [4,5] have inner axes 3 and 4, which differ"],
  ["matMul", "inner axes that differ, transposed", [[3, 2], [5, 3]], (a, b) => ops.matMul(a, b, { transposeB: true }),
   "SHAPE", "a [3,2] and b [5,3]ᵀ have inner axes 2 and 3"],
  ["matMul", "a vector", [[3], [3, 4]], (a, b) => ops.matMul(a, b), "SHAPE", "a [3] and b [3,4] are not both matrices"],
  ["matMul", "an addend of another shape", [[2, 2], [2, 3], [3, 4]],
   (c, a, b) => apply(matMulOp, [c, a, b], { ...plain, accumulate: true }),
   "SHAPE", "addend [2,2] does not have the product's shape [2,4]"],
  ["matMul", "a bias of another length", [[2, 3], [3, 4], [3]],
   (a, b, c) => apply(matMulOp, [a, b, c], { ...plain, bias: true, relu: true }),
   "SHAPE", "bias [3] is not one number for each channel"],
  ["addBias", "a bias of another length", [[2, 4], [3]], (x, b) => ops.addBias(x, b),
   "SHAPE", "bias [3] is not one number for each channel (last axis) of x [2,4]"],
  ["addBias", "a vector x", [[3], [3]], (x, b) => ops.addBias(x, b), "SHAPE", "x [3]"],
  ["addBias", "a matrix bias", [[2, 3], [1, 3]], (x, b) => ops.addBias(x, b), "SHAPE", "bias [1,3]"],
]; // prettier-ignore

const convolutions: readonly Row[] = [
  ["conv2d", "channels that differ", [[1, 4, 4, 2], [3, 3, 3, 5]], (x, f) => ops.conv2d(x, f),
   "SHAPE", "x [1,4,4,2] and filter [3,3,3,5] have 2 and 3 input channels, which differ"],
  ["conv2d", "one image without batch", [[4, 4, 2], [3, 3, 2, 5]], (x, f) => ops.conv2d(x, f),
   "SHAPE", "x [4,4,2] and filter [3,3,2,5] are not"],
  ["conv2d", "a filter with an open axis", [[1, 4, 4, 2], [3, 3, 2, null]], (x, f) => ops.conv2d(x, f),
   "SHAPE", "filter [3,3,2,?] has an unknown axis"],
  ["conv2d", "a VALID window that does not fit", [[1, 4, 4, 2], [5, 3, 2, 5]],
   (x, f) => ops.conv2d(x, f, { padding: "valid" }), "SHAPE", "a window of [5,3] does not fit into x [1,4,4,2]"],
  ["conv2d", "a stride of 0", [[1, 4, 4, 2], [3, 3, 2, 5]], (x, f) => ops.conv2d(x, f, { strides: 0 }),
   "ARGUMENT", "strides [0,0] is not an integer ≥ 1"],
  ["conv2d", "a stride of one and a half", [[1, 4, 4, 2], [3, 3, 2, 5]],
   (x, f) => ops.conv2d(x, f, { strides: [1, 1.5] }), "ARGUMENT", "strides [1,1.5]"],
  ["conv2d", "padding of another name", [[1, 4, 4, 2], [3, 3, 2, 5]],
   (x, f) => ops.conv2d(x, f, { padding: bad("SAME") }), "ARGUMENT", 'padding "SAME" is neither "same" nor "valid"'],
  ["conv2d", "a bias of another length", [[1, 4, 4, 2], [3, 3, 2, 5], [2]],
   (x, f, b) => apply(conv2dOp, [x, f, b], { ...window, bias: true }),
   "SHAPE", "bias [2] is not one number for each channel"],
  ["conv2d", "an option of another name", [[1, 4, 4, 2], [3, 3, 2, 5]], (x, f) => ops.conv2d(x, f, bad({ stride: 1 })),
   "ARGUMENT", 'there is no option "stride"'],
  ["conv2dTranspose", "channels that differ", [[1, 4, 4, 2], [3, 3, 5, 3]], (x, f) => ops.conv2dTranspose(x, f),
   "SHAPE", "x [1,4,4,2] and filter [3,3,5,3] have 2 and 3 input channels, which differ"],
  ["conv2dTranspose", "one image without batch", [[4, 4, 2], [3, 3, 5, 2]], (x, f) => ops.conv2dTranspose(x, f),
   "SHAPE", "x [4,4,2] and filter [3,3,5,2] are not [batch, height, width, channels] and [height, width, out, in]"],
  ["conv2dTranspose", "a filter with an open axis", [[1, 4, 4, 2], [3, 3, null, 2]],
   (x, f) => ops.conv2dTranspose(x, f), "SHAPE", "filter [3,3,?,2] has an unknown axis"],
  ["conv2dTranspose", "an outputShape too large", [[1, 4, 4, 2], [3, 3, 5, 2]],
   (x, f) => ops.conv2dTranspose(x, f, { strides: 2, outputShape: [8, 9] }),
   "SHAPE", 'of outputShape [8,9] a window of [3,3] with strides [2,2] and padding "same" makes [4,5], not x\'s [4,4]'],
  ["conv2dTranspose", "an outputShape too small for VALID", [[1, 4, 4, 2], [3, 3, 5, 2]],
   (x, f) => ops.conv2dTranspose(x, f, { padding: "valid", outputShape: [2, 6] }),
   "SHAPE", "makes [0,4], not x's [4,4]"],
  ["conv2dTranspose", "an outputShape of all axes", [[1, 4, 4, 2], [3, 3, 5, 2]],
   (x, f) => ops.conv2dTranspose(x, f, { outputShape: bad([1, 4, 4, 5]) }),
   "ARGUMENT", "outputShape [1,4,4,5] is not an integer ≥ 1 or a pair of them"],
  ["conv2dTranspose", "a stride of 0", [[1, 4, 4, 2], [3, 3, 5, 2]],
   (x, f) => ops.conv2dTranspose(x, f, { strides: 0 }), "ARGUMENT", "strides [0,0] is not an integer ≥ 1"],
  ["conv2dTranspose", "padding of another name", [[1, 4, 4, 2], [3, 3, 5, 2]],
   (x, f) => ops.conv2dTranspose(x, f, { padding: bad("full") }),
   "ARGUMENT", 'padding "full" is neither "same" nor "valid"'],
  ["conv2dTranspose", "an option of another name", [[1, 4, 4, 2], [3, 3, 5, 2]],
   (x, f) => ops.conv2dTranspose(x, f, bad({ size: 8 })), "ARGUMENT", 'there is no option "size"'],
  ["conv2dTranspose", "a bias of another length", [[1, 4, 4, 2], [3, 3, 5, 2], [2]],
   (x, f, b) => apply(conv2dTransposeOp, [x, f, b], { ...window, bias: true }),
   "SHAPE", "bias [2] is not one number for each channel"],
  ["resizeBilinear", "a matrix", [[4, 4]], (x) => ops.resizeBilinear(x, [8, 8]),
   "SHAPE", "x [4,4] is not [batch, height, width, channels]"],
  ["resizeBilinear", "a size of 0", [[1, 4, 4, 1]], (x) => ops.resizeBilinear(x, [0, 8]),
   "ARGUMENT", "size [0,8] is not a pair of integers ≥ 1"],
  ["resizeBilinear", "three sizes", [[1, 4, 4, 1]], (x) => ops.resizeBilinear(x, bad([8, 8, 1])),
   "ARGUMENT", "size [8,8,1] is not a pair"],
  ["batchNorm", "a beta of another length", [[2, 3], [2]], (x, b) => ops.batchNorm(x, b),
   "SHAPE", "beta [2] is not one number for each channel (last axis) of x [2,3]"],
  ["batchNorm", "an epsilon of 0", [[2, 3], [3]], (x, b) => ops.batchNorm(x, b, { epsilon: 0 }),
   "ARGUMENT", "epsilon 0 is not above 0"],
  ["batchNorm", "an epsilon that is NaN", [[2, 3], [3]], (x, b) => ops.batchNorm(x, b, { epsilon: NaN }),
   "ARGUMENT", "epsilon NaN"],
]; // prettier-ignore

const layout: readonly Row[] = [
  ["reshape", "another number of elements", [[2, 3]], (x) => ops.reshape(x, [4]),
   "SHAPE", "x [2,3] does not fit shape [4]: 6 elements against 4"],
  ["reshape", "a rest that does not come out", [[2, 3]], (x) => ops.reshape(x, [-1, 4]),
   "SHAPE", "6 elements against 4"],
  ["reshape", "two open axes", [[2, 3]], (x) => ops.reshape(x, [-1, -1]), "SHAPE", "more than one axis is −1"],
  ["reshape", "an axis of 0", [[2, 3]], (x) => ops.reshape(x, [0, 6]), "SHAPE", "neither an integer ≥ 1 nor −1"],
  ["reshape", "nine axes", [[2, 3]], (x) => ops.reshape(x, [2, 3, 1, 1, 1, 1, 1, 1, 1]),
   "SHAPE", "at most 8 axes are allowed"],
  ["transpose", "too few axes", [[2, 3]], (x) => ops.transpose(x, [0]),
   "ARGUMENT", "[0] is not a permutation of the axes of x [2,3]"],
  ["transpose", "an axis twice", [[2, 3]], (x) => ops.transpose(x, [1, 1]), "ARGUMENT", "[1,1] is not a permutation"],
  ["concat", "no input", [], () => ops.concat([], 0), "ARGUMENT", "there is no input"],
  ["concat", "an axis past the last", [[2, 3], [2, 3]], (a, b) => ops.concat([a, b], 2),
   "ARGUMENT", "axis 2 is not an integer from -2 to 1"],
  ["concat", "another axis that differs", [[2, 3], [3, 3]], (a, b) => ops.concat([a, b], 1),
   "SHAPE", "inputs [2,3] and [3,3] differ in another axis than 1"],
  ["concat", "another rank", [[2, 3], [3]], (a, b) => ops.concat([a, b], 0), "SHAPE", "inputs [2,3] and [3] differ"],
  ["slice", "a begin too short", [[2, 3]], (x) => ops.slice(x, [0], [1, 1]),
   "ARGUMENT", "begin [0] and size [1,1] do not match the axes of x [2,3]"],
  ["slice", "a block that leaves x", [[2, 3]], (x) => ops.slice(x, [0, 2], [2, 2]),
   "SHAPE", "axis 1 of x [2,3] has no 2 elements from index 2 on"],
  ["slice", "a negative begin", [[2, 3]], (x) => ops.slice(x, [-1, 0], [1, 1]),
   "SHAPE", "axis 0 of x [2,3] has no 1 elements from index -1 on"],
  ["slice", "nothing", [[2, 3]], (x) => ops.slice(x, [0, 0], [0, 1]), "SHAPE", "has no 0 elements"],
  ["slice", "the rest of nothing", [[2, 3]], (x) => ops.slice(x, [2, 0], [-1, 1]),
   "SHAPE", "has no -1 elements from index 2 on"],
  ["pad", "too few pairs", [[2, 3]], (x) => ops.pad(x, [[1, 1]]),
   "ARGUMENT", "are not a pair of integers ≥ 0 for each axis of x [2,3]"],
  ["pad", "numbers for pairs", [[2]], (x) => ops.pad(x, bad([1])), "ARGUMENT", "are not a pair of integers"],
  ["pad", "three counts for an axis", [[2]], (x) => ops.pad(x, bad([[1, 1, 1]])), "ARGUMENT", "paddings [1,1,1]"],
  ["pad", "a negative count", [[2]], (x) => ops.pad(x, [[-1, 0]]), "ARGUMENT", "paddings [-1,0]"],
  ["pad", "a value that is infinite", [[2]], (x) => ops.pad(x, [[1, 0]], Infinity),
   "ARGUMENT", "value Infinity is not a finite number"],
  ["addAt", "a patch that leaves x", [[3], [2]], (x, p) => addAt(x, p, [2]), "SHAPE", "patch [2] at [2] leaves x [3]"],
  ["broadcastTo", "a shape it does not broadcast to", [[3]], (x) => broadcastTo(x, [2, 4]),
   "SHAPE", "do not broadcast"],
]; // prettier-ignore

const others: readonly Row[] = [
  ["leakyRelu", "a slope that is NaN", [[2]], (x) => ops.leakyRelu(x, { slope: NaN }),
   "ARGUMENT", "slope NaN is not a finite number"],
  ["fillLike", "a value that is infinite", [[2]], (x) => ops.fillLike(x, -Infinity),
   "ARGUMENT", "value -Infinity is not a finite number"],
  ["sigmoidCrossEntropy", "other labels", [[2, 1], [2]], (x, t) => ops.sigmoidCrossEntropy(x, t),
   "SHAPE", "logits [2,1] and labels [2] have different shapes"],
  ["softmaxCrossEntropy", "other labels", [[2, 3], [2, 4]], (x, t) => ops.softmaxCrossEntropy(x, t),
   "SHAPE", "logits [2,3] and labels [2,4] are not both [batch, classes]"],
  ["softmaxCrossEntropy", "vectors", [[3], [3]], (x, t) => ops.softmaxCrossEntropy(x, t),
   "SHAPE", "logits [3] and labels [3]"],
]; // prettier-ignore

/** All refusals. */
export const refusals: readonly Refusal[] = [
  ...binary,
  ...reductions,
  ...products,
  ...convolutions,
  ...pools,
  ...layout,
  ...others,
].map(([op, what, shapes, apply, code, says]) => ({ op, what, shapes, apply, code, says }));
