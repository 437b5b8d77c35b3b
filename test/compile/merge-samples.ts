// One network on two batches, and graphs in which two batches must not be merged.
import { Graph } from "../../src/engine/graph/graph.ts";
import { gradients } from "../../src/engine/graph/gradients.ts";
import type { Tensor } from "../../src/engine/graph/tensor.ts";
import {
  add,
  addBias,
  avgPool,
  batchNorm,
  conv2d,
  matMul,
  mul,
  relu,
  reshape,
  square,
  tanh,
} from "../../src/engine/ops/index.ts";
import { sizeOf } from "../../src/engine/shape.ts";
import { apartValues, randomSource } from "../support/random.ts";
import { weightedLoss } from "../support/weighted-loss.ts";
import type { Sample } from "./rewrite-samples.ts";

type Tensors = Readonly<Record<string, Tensor>>;
type Shapes = Readonly<Record<string, readonly number[]>>;

/** Results of a graph on batches (fed) and weights (variables). */
export interface Model {
  readonly ys: readonly Tensor[];
  readonly inputs: Tensors;
}

/** Builds a graph; the batches are placeholders, the weights are variables. */
export function model(batches: Shapes, weights: Shapes, body: (inputs: Tensors) => readonly Tensor[]): Model {
  const graph = new Graph();
  const named = (shapes: Shapes, make: (name: string, shape: readonly number[]) => Tensor): [string, Tensor][] =>
    Object.entries(shapes).map(([name, shape]) => [name, make(name, shape)]);
  const inputs = Object.fromEntries([
    ...named(batches, (name, shape) => graph.placeholder(name, shape)),
    ...named(weights, (name, shape) => graph.getVariable(name, shape, { kind: "constant", value: 0 })),
  ]);
  return { ys: body(inputs), inputs };
}

/** Values for inputs of these shapes. */
export function valuesFor(shapes: Shapes): Readonly<Record<string, Float32Array>> {
  const random = randomSource(5);
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, apartValues(random, sizeOf(shape), [-1, 1])]),
  );
}

function sample(
  label: string,
  batches: Shapes,
  weights: Shapes,
  body: (inputs: Tensors) => readonly Tensor[],
  effect: Pick<Sample, "gone" | "made"> = {},
): Sample {
  const build = (): Tensor[] => {
    const { ys, inputs } = model(batches, weights, body);
    const loss = ys.map((y, i) => weightedLoss(y, i + 1)).reduce(add);
    return [...ys, ...gradients(loss, Object.values(inputs))];
  };
  return { label, build, fed: valuesFor({ ...batches, ...weights }), ...effect };
}

/** Two batches of unequal size, as rows of numbers and as images. */
export const ROWS = { a: [2, 24], b: [3, 24] } as const;
export const IMAGES = { a: [2, 6, 6, 2], b: [1, 6, 6, 2] } as const;

/** A small discriminator: its weights, and its results [batch, 1]. */
export const SMALL = {
  filter: [3, 3, 2, 4], bias: [4], dense: [36, 80], denseBias: [80], last: [80, 1],
} as const; // prettier-ignore

export function small(x: Tensor, { filter, bias, dense, denseBias, last }: Tensors): Tensor {
  const features = avgPool(relu(addBias(conv2d(x, filter!), bias!)), { window: 2, strides: 2 });
  return matMul(relu(addBias(matMul(reshape(features, [-1, 36]), dense!), denseBias!)), last!);
}

const MERGED = { gone: [], made: ["concat"] } as const;
const both = (f: (x: Tensor, weights: Tensors) => Tensor) => (inputs: Tensors) =>
  [f(inputs.a!, inputs), f(inputs.b!, inputs)] as const;

/** Samples for mergeBatches. */
export const merges: readonly Sample[] = [
  sample("a small discriminator", IMAGES, SMALL, both(small), MERGED),
  sample("one product", ROWS, { w: [24, 40] }, both((x, { w }) => matMul(x, w!)), MERGED), // prettier-ignore
  sample(
    "weights that are transposed",
    ROWS,
    { w: [40, 24] },
    both((x, { w }) => tanh(matMul(x, w!, { transposeB: true }))),
    MERGED,
  ),
  sample(
    "weights that are computed from variables",
    ROWS,
    { w: [24, 40], v: [24, 40] },
    both((x, { w, v }) => matMul(x, mul(square(w!), v!))),
    MERGED,
  ),
  sample(
    "a residual connection",
    ROWS,
    { w: [24, 40], v: [40, 40] },
    both((x, { w, v }) => {
      const h = tanh(matMul(x, w!));
      return add(h, matMul(h, v!));
    }),
    MERGED,
  ),
  sample(
    "a batch norm between two products",
    ROWS,
    { w: [24, 80], beta: [80], v: [80, 90] },
    both((x, { w, beta, v }) => matMul(batchNorm(matMul(x, w!), beta!), v!)),
    MERGED,
  ),
  sample(
    "three batches",
    { ...ROWS, c: [1, 24] },
    { w: [24, 80] },
    ({ a, b, c, w }) => [a!, b!, c!].map((x) => relu(matMul(x, w!))),
    MERGED,
  ),
  sample(
    "two batches that meet the weights in another order",
    { a: [2, 24], c: [3, 80] },
    { w: [24, 80], v: [80, 24] },
    crossing,
    MERGED,
  ),
  // prettier-ignore
  sample("weights that are fed stay", { ...ROWS, w: [24, 40] }, {}, both((x, { w }) => matMul(x, w!))),
  sample("rows that are columns stay", { a: [24, 2], b: [24, 3] }, { w: [24, 40] }, both((x, { w }) =>
    matMul(x, w!, { transposeA: true }))), // prettier-ignore
  sample("a product that reads the other stays", { a: [2, 40] }, { w: [40, 40] }, ({ a, w }) => {
    const first = tanh(matMul(a!, w!));
    return [first, matMul(first, w!)];
  }),
  sample("other weights stay", ROWS, { w: [24, 40], v: [24, 40] }, ({ a, b, w, v }) => [
    matMul(a!, w!),
    matMul(b!, v!),
  ]),
  sample("another stride stays", IMAGES, { w: [3, 3, 2, 80] }, ({ a, b, w }) => [
    conv2d(a!, w!, { strides: 3 }),
    conv2d(b!, w!, { strides: [3, 2] }),
  ]),
  sample("images of another size stay", { ...IMAGES, b: [1, 3, 6, 2] }, { w: [3, 3, 2, 80] }, both((x, { w }) =>
    conv2d(x, w!, { strides: 6 }))), // prettier-ignore
  // prettier-ignore
  sample("weights smaller than what would be copied stay", ROWS, { w: [24, 4] }, both((x, { w }) => matMul(x, w!))),
];

/**
 * a is multiplied by w and then v, c by v and then w. If the products with w are merged, v's product with a reads the
 * one with c.
 */
function crossing({ a, c, w, v }: Tensors): readonly Tensor[] {
  return [matMul(tanh(matMul(a!, w!)), v!), matMul(tanh(matMul(c!, v!)), w!)];
}
