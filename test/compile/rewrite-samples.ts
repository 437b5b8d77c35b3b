// Graphs that a rewrite must recognise, on shapes that hit every edge, and graphs that it must leave alone.
import { Graph } from "../../src/engine/graph/graph.ts";
import { gradients } from "../../src/engine/graph/gradients.ts";
import type { Placeholder, Tensor } from "../../src/engine/graph/tensor.ts";
import {
  add,
  addBias,
  avgPool,
  batchNorm,
  conv2d,
  conv2dTranspose,
  matMul,
  pad,
  relu,
  reshape,
  resizeBilinear,
  slice,
  square,
  sub,
  sum,
  tanh,
  type Conv2dOptions,
} from "../../src/engine/ops/index.ts";
import { sizeOf } from "../../src/engine/shape.ts";
import type { Fed } from "../support/kernel-proof.ts";
import { apartValues, randomSource } from "../support/random.ts";
import { weightedLoss } from "../support/weighted-loss.ts";

/** A graph to rewrite. */
export interface Sample {
  readonly label: string;
  /** The graph's roots: the result, and the gradients in all that is fed. */
  readonly build: () => Tensor[];
  readonly fed: Fed;
  /** Operations that the rewrite removes. If undefined, the rewrite must leave this graph as it is. */
  readonly gone?: readonly string[] | undefined;
  /** Operations that it brings in. */
  readonly made?: readonly string[] | undefined;
  /** Operations that are removed in some places and must stay in others. */
  readonly kept?: readonly string[] | undefined;
}

/** Shapes of the placeholders, by name. */
export type Shapes = Readonly<Record<string, readonly number[]>>;
type Body = (inputs: Readonly<Record<string, Placeholder>>) => Tensor | readonly Tensor[];

/** A sample whose body computes on inputs of these shapes. */
export function sample(
  label: string,
  shapes: Shapes,
  body: Body,
  effect: Pick<Sample, "gone" | "made" | "kept"> = {},
): Sample {
  const random = randomSource(label.length);
  const fed = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, apartValues(random, sizeOf(shape), [-1, 1])]),
  );
  const build = (): Tensor[] => {
    const graph = new Graph();
    const inputs = Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [name, graph.placeholder(name, shape)]),
    );
    const result = body(inputs);
    const ys = result instanceof Array ? [...result] : [result];
    const loss = ys.map((y, i) => weightedLoss(y, i + 1)).reduce(add);
    return [...ys, ...gradients(loss, Object.values(inputs))];
  };
  return { label, build, fed, ...effect };
}

// Resize, then convolution with stride 2.

const SIZES = [[1, 1], [1, 4], [4, 1], [2, 2], [3, 5], [28, 28]] as const; // prettier-ignore
const FILTERS = [[3, 3], [1, 1], [3, 1], [1, 3]] as const; // prettier-ignore

function resizedConvolution(
  label: string,
  x: readonly [batch: number, height: number, width: number],
  window: readonly [number, number],
  effect: Pick<Sample, "gone" | "made"> = {},
  { factor = [2, 2], ...options }: Conv2dOptions & { readonly factor?: readonly [number, number] } = {},
): Sample {
  const [batch, height, width] = x;
  const size = [height * factor[0], width * factor[1]] as const;
  return sample(label, { x: [batch, height, width, 2], filter: [...window, 2, 3] }, ({ x, filter }) =>
    conv2d(resizeBilinear(x!, size), filter!, { strides: 2, ...options }), effect); // prettier-ignore
}

const collapsing = [1, 3].flatMap((batch) =>
  SIZES.flatMap(([height, width]) =>
    FILTERS.map((window) =>
      resizedConvolution(`${batch} × ${height}×${width}, filter ${window.join("×")}`, [batch, height, width], window, {
        gone: ["resizeBilinear", "resizeBilinearGrad"],
        made: Math.max(...window) > 1 ? ["mapFilter", "addAt"] : [],
      }),
    ),
  ),
);

/** Samples for collapseResize. */
export const collapses: readonly Sample[] = [
  ...collapsing,
  sample(
    "a resized image that is also fetched",
    { x: [2, 3, 4, 2], filter: [3, 3, 2, 2] },
    ({ x, filter }) => {
      const resized = resizeBilinear(x!, [6, 8]);
      return [conv2d(resized, filter!, { strides: 2 }), resized];
    },
    { gone: ["resizeBilinear"], kept: ["resizeBilinear"], made: ["mapFilter"] },
  ),
  resizedConvolution("stride 1 stays", [2, 3, 4], [3, 3], {}, { strides: 1 }),
  resizedConvolution("stride [2, 1] stays", [2, 3, 4], [3, 3], {}, { strides: [2, 1] }),
  resizedConvolution("VALID stays", [2, 3, 4], [3, 3], {}, { padding: "valid" }),
  resizedConvolution("three times the size stays", [2, 3, 4], [3, 3], {}, { factor: [3, 3] }),
  resizedConvolution("twice the height only stays", [2, 3, 4], [3, 3], {}, { factor: [2, 1] }),
  resizedConvolution("a 2×2 filter stays", [2, 3, 4], [2, 2]),
  resizedConvolution("a 5×3 filter stays", [2, 3, 4], [5, 3]),
  sample("a relu in between stays", { x: [1, 3, 3, 2], filter: [3, 3, 2, 2] }, ({ x, filter }) =>
    conv2d(relu(resizeBilinear(x!, [6, 6])), filter!, { strides: 2 }),
  ),
];

// A bias, and relu, after a product.

const CONV: Shapes = { x: [2, 4, 5, 2], filter: [3, 3, 2, 3], bias: [3] };
const UPWARDS: Shapes = { x: [2, 3, 2, 2], filter: [3, 3, 3, 2], bias: [3] };
const DENSE: Shapes = { x: [4, 5], weights: [5, 3], bias: [3] };

/** Samples for fuseBias. */
export const biases: readonly Sample[] = [
  sample("conv2d + bias", CONV, ({ x, filter, bias }) => addBias(conv2d(x!, filter!), bias!), {
    gone: ["conv2d", "addBias"],
    made: ["conv2d, bias"],
  }),
  sample(
    "relu(conv2d + bias), strided",
    CONV,
    ({ x, filter, bias }) => relu(addBias(conv2d(x!, filter!, { strides: [2, 1], padding: "valid" }), bias!)),
    { gone: ["conv2d", "addBias", "relu"], made: ["conv2d, bias, relu"] },
  ),
  sample(
    "conv2dTranspose + bias",
    UPWARDS,
    ({ x, filter, bias }) => addBias(conv2dTranspose(x!, filter!, { strides: 2 }), bias!),
    { gone: ["conv2dTranspose", "addBias"], made: ["conv2dTranspose, bias"] },
  ),
  sample(
    "relu(conv2dTranspose + bias), by the flipped filter",
    { x: [2, 5, 4, 2], filter: [3, 2, 16, 2], bias: [16] },
    ({ x, filter, bias }) => relu(addBias(conv2dTranspose(x!, filter!, { padding: "valid" }), bias!)),
    { gone: ["conv2dTranspose", "addBias", "relu"], made: ["conv2dTranspose, bias, relu"] },
  ),
  sample(
    "a pool of conv2dTranspose stays one",
    UPWARDS,
    ({ x, filter, bias }) =>
    avgPool(relu(addBias(conv2dTranspose(x!, filter!), bias!))), // prettier-ignore
    { gone: ["conv2dTranspose", "addBias", "relu"], made: ["conv2dTranspose, bias, relu"] },
  ),
  sample("matMul + bias", DENSE, ({ x, weights, bias }) => addBias(matMul(x!, weights!), bias!), {
    gone: ["addBias"],
    made: ["matMul, bias"],
  }),
  sample(
    "relu(matMul + bias), transposed",
    { ...DENSE, x: [5, 4], weights: [3, 5] },
    ({ x, weights, bias }) => relu(addBias(matMul(x!, weights!, { transposeA: true, transposeB: true }), bias!)),
    { gone: ["addBias", "relu"], made: ["matMul, bias, relu"] },
  ),
  sample(
    "a biased product that another reads too keeps its relu",
    DENSE,
    ({ x, weights, bias }) => {
      const biased = addBias(matMul(x!, weights!), bias!);
      return sub(relu(biased), tanh(biased));
    },
    { gone: ["addBias", "relu"], kept: ["relu"], made: ["matMul, bias"] },
  ),
  sample("a bias that is computed", DENSE, ({ x, weights, bias }) => relu(addBias(matMul(x!, weights!), tanh(bias!))), {
    gone: ["addBias", "relu"],
    made: ["matMul, bias, relu"],
  }),
  sample("a bias that is computed from what the product reads stays", DENSE, ({ x, weights, bias }) =>
    addBias(matMul(x!, weights!), add(sum(weights!, { axes: [0] }), bias!)),
  ),
  sample("a product that another reads too stays", DENSE, ({ x, weights, bias }) => {
    const product = matMul(x!, weights!);
    return sub(addBias(product, bias!), product);
  }),
  sample("a product that is fetched stays", CONV, ({ x, filter, bias }) => {
    const product = conv2d(x!, filter!);
    return [product, addBias(product, bias!)];
  }),
  sample("the bias of something else stays", { x: [4, 3], bias: [3] }, ({ x, bias }) => relu(addBias(tanh(x!), bias!))),
];

// A bias that a batch norm takes away again.

const NORMED: Shapes = { ...CONV, beta: [3] };

/** Samples for biasBeforeNorm. */
export const normedBiases: readonly Sample[] = [
  sample(
    "conv2d + bias, normed",
    NORMED,
    ({ x, filter, bias, beta }) => batchNorm(addBias(conv2d(x!, filter!), bias!), beta!),
    { gone: ["addBias"], made: ["scale"] },
  ),
  sample(
    "matMul + bias, normed, with relu",
    { ...DENSE, beta: [3] },
    ({ x, weights, bias, beta }) => relu(batchNorm(addBias(matMul(x!, weights!), bias!), beta!)),
    { gone: ["addBias"], made: ["scale"] },
  ),
  // prettier-ignore
  sample("the bias of anything", { x: [2, 3, 5], bias: [5], beta: [5] }, ({ x, bias, beta }) =>
    batchNorm(addBias(tanh(x!), bias!), beta!, { epsilon: 1e-2 }), { gone: ["addBias"], made: ["scale"] }),
  sample(
    "a bias that is added elsewhere too",
    { ...DENSE, beta: [3] },
    ({ x, weights, bias, beta }) => {
      const product = matMul(x!, weights!);
      return addBias(tanh(batchNorm(addBias(product, bias!), beta!)), bias!);
    },
    { gone: ["addBias"], kept: ["addBias"], made: ["scale"] },
  ),
  sample(
    "a biased tensor that another reads too",
    NORMED,
    ({ x, filter, bias, beta }) => {
      const biased = addBias(conv2d(x!, filter!), bias!);
      return sub(batchNorm(biased, beta!), biased);
    },
    { gone: ["addBias"], kept: ["addBias"], made: ["scale"] },
  ),
  sample("a relu in between keeps its bias", NORMED, ({ x, filter, bias, beta }) =>
    batchNorm(relu(addBias(conv2d(x!, filter!), bias!)), beta!),
  ),
  sample("a bias for each of several numbers that are normed together stays", { x: [2, 12], bias: [12], beta: [3] },
    ({ x, bias, beta }) => batchNorm(reshape(addBias(x!, bias!), [-1, 2, 2, 3]), beta!)), // prettier-ignore
];

// A pool of a convolution's relu.

const POOLED: Shapes = { x: [2, 4, 6, 2], filter: [3, 3, 2, 3], bias: [3] };

/** relu of conv2d + bias of a POOLED. */
function relued({ x, filter, bias }: Parameters<Body>[0], options: Conv2dOptions = {}): Tensor {
  return relu(addBias(conv2d(x!, filter!, options), bias!));
}

const POOL_FUSED = {
  gone: ["conv2d", "addBias", "relu", "avgPool", "avgPoolGrad"],
  made: ["conv2d, bias, relu, pool"],
};

/** Samples for fusePool. */
export const pooled: readonly Sample[] = [
  sample("windows of 2×2", POOLED, (inputs) => avgPool(relued(inputs)), POOL_FUSED),
  sample("a window that is cropped", { ...POOLED, x: [2, 5, 3, 2] }, (inputs) => avgPool(relued(inputs)), POOL_FUSED),
  sample(
    "windows of 1×3 on a strided convolution",
    { ...POOLED, x: [1, 8, 7, 2] },
    (inputs) => avgPool(relued(inputs, { strides: 2, padding: "valid" }), { window: [1, 3], padding: "valid" }),
    POOL_FUSED,
  ),
  sample(
    "33 channels, by Winograd",
    { x: [3, 6, 6, 16], filter: [2, 2, 16, 33], bias: [33] },
    (inputs) => avgPool(relued(inputs)),
    POOL_FUSED,
  ),
  sample(
    "33 channels, by FFT",
    { x: [3, 6, 7, 16], filter: [5, 5, 16, 33], bias: [33] },
    (inputs) => avgPool(relued(inputs)),
    POOL_FUSED,
  ),
  sample(
    "images of several blocks of pixels, many of them",
    { x: [40, 18, 17, 3], filter: [3, 3, 3, 22], bias: [22] },
    (inputs) => avgPool(relued(inputs), { window: [4, 3] }),
    POOL_FUSED,
  ),
  sample("one channel stays", { x: [2, 4, 6, 2], filter: [3, 3, 2, 1], bias: [1] }, (inputs) =>
    avgPool(relued(inputs)),
  ),
  sample("a bias that is computed from the image stays", POOLED, ({ x, filter, bias }) => {
    const own = reshape(sum(slice(x!, [0, 0, 0, 0], [1, 1, 3, 1])), [1]);
    return avgPool(relu(addBias(conv2d(x!, filter!), add(bias!, own))));
  }),
  sample("windows that overlap stay", POOLED, (inputs) => avgPool(relued(inputs), { window: 3, strides: 2 })),
  sample("windows that leave pixels out stay", { ...POOLED, x: [2, 5, 6, 2] }, (inputs) =>
    avgPool(relued(inputs), { padding: "valid" }),
  ),
  sample("a relu that another reads too stays", POOLED, (inputs) => {
    const large = relued(inputs);
    return [avgPool(large), tanh(large)];
  }),
  sample("no relu: stays", POOLED, ({ x, filter, bias }) => avgPool(addBias(conv2d(x!, filter!), bias!))),
  sample("no bias: stays", { x: [2, 4, 6, 2], filter: [3, 3, 2, 3] }, ({ x, filter }) =>
    avgPool(relu(conv2d(x!, filter!))),
  ),
];

// Gradients of slices.

/** Samples for accumulateSlices. */
export const slices: readonly Sample[] = [
  sample("a slice beside the whole", { x: [4, 5] }, ({ x }) => [tanh(slice(x!, [1, 0], [2, 3])), square(x!)], {
    gone: ["pad"],
    made: ["addAt"],
  }),
  sample(
    "slices that overlap, and the whole",
    { x: [3, 6, 2] },
    ({ x }) => [square(slice(x!, [0, 0, 0], [2, 4, 2])), square(x!), tanh(slice(x!, [1, 2, 1], [2, 4, 1]))],
    { gone: ["pad"], made: ["addAt"] },
  ),
  sample(
    "slices that overlap, alone",
    { x: [3, 6] },
    ({ x }) => [square(slice(x!, [0, 0], [2, 4])), tanh(slice(x!, [1, 2], [2, 4])), tanh(slice(x!, [2, 5], [1, 1]))],
    { gone: ["pad"], kept: ["pad"], made: ["addAt"] },
  ),
  sample("zeros around a block of the forward graph", { x: [3, 4], y: [2, 2] }, ({ x, y }) =>
    add(pad(y!, [[1, 0], [0, 2]]), tanh(x!)), { gone: ["pad"], made: ["addAt"] }), // prettier-ignore
  sample("ones around a block stay", { x: [3, 4], y: [2, 2] }, ({ x, y }) =>
    add(pad(y!, [[1, 0], [0, 2]], 1), tanh(x!))), // prettier-ignore
  sample("a block that is broadcast stays", { x: [3, 4], y: [2] }, ({ x, y }) => add(tanh(x!), pad(y!, [[1, 1]]))),
];

// Relu after a batch norm.

const MAPS: Shapes = { x: [3, 4, 5, 3], beta: [3] };

/** Samples for fuseNorm. */
export const rectifiedNorms: readonly Sample[] = [
  sample("relu(batchNorm)", MAPS, ({ x, beta }) => relu(batchNorm(x!, beta!)), {
    gone: ["batchNorm", "batchNormGrad", "relu", "reluGrad"],
    made: ["batchNorm, relu", "batchNormGrad, relu"],
  }),
  sample(
    "of one channel, in two blocks of rows",
    { x: [2, 15, 11, 1], beta: [1] },
    ({ x, beta }) => relu(batchNorm(x!, beta!, { epsilon: 1e-2 })),
    { gone: ["batchNorm", "relu"], made: ["batchNorm, relu"] },
  ),
  sample(
    "between products",
    { x: [6, 5], weights: [5, 7], beta: [7], more: [7, 2] },
    ({ x, weights, beta, more }) => matMul(relu(batchNorm(matMul(x!, weights!), beta!)), more!),
    { gone: ["batchNorm", "relu"], made: ["batchNorm, relu"] },
  ),
  sample(
    "one after the other",
    { ...MAPS, gamma: [3] },
    ({ x, beta, gamma }) => relu(batchNorm(relu(batchNorm(x!, beta!)), gamma!)),
    { gone: ["batchNorm", "relu"], made: ["batchNorm, relu"] },
  ),
  sample(
    "a relu'd norm that several read",
    MAPS,
    ({ x, beta }) => {
      const y = relu(batchNorm(x!, beta!));
      return [sub(tanh(y), y), y];
    },
    { gone: ["batchNorm", "relu"], made: ["batchNorm, relu"] },
  ),
  sample("a norm that another reads too stays", MAPS, ({ x, beta }) => {
    const normed = batchNorm(x!, beta!);
    return sub(relu(normed), tanh(normed));
  }),
  sample("a norm that is fetched stays", MAPS, ({ x, beta }) => {
    const normed = batchNorm(x!, beta!);
    return [normed, relu(normed)];
  }),
  sample("tanh in between stays", MAPS, ({ x, beta }) => relu(tanh(batchNorm(x!, beta!)))),
  sample("a norm without relu stays", MAPS, ({ x, beta }) => tanh(batchNorm(relu(x!), beta!))),
];
