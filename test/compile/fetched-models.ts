// Small networks with every pattern that a rewrite joins where the tensor in between has no other reader.
import { gradients } from "../../src/engine/graph/gradients.ts";
import type { Tensor } from "../../src/engine/graph/tensor.ts";
import {
  add,
  addBias,
  avgPool,
  batchNorm,
  conv2d,
  conv2dTranspose,
  leakyRelu,
  matMul,
  maxPool,
  mean,
  relu,
  reshape,
  resizeBilinear,
  slice,
  square,
  sum,
  tanh,
} from "../../src/engine/ops/index.ts";
import type { Shape } from "../../src/engine/shape.ts";
import { weightedLoss } from "../support/weighted-loss.ts";
import { model } from "./merge-samples.ts";

type Tensors = Readonly<Record<string, Tensor>>;
type Shapes = Readonly<Record<string, Shape>>;

/** A network, its loss, and the gradients of the loss in all batches and weights. */
export interface Network {
  readonly label: string;
  readonly loss: Tensor;
  readonly gradients: Tensors;
  /** Shapes of the fed tensors, and of the variables. */
  readonly batches: Shapes;
  readonly weights: Shapes;
}

function network(label: string, batches: Shapes, weights: Shapes, body: (inputs: Tensors) => Tensor): Network {
  const { ys, inputs } = model(batches, weights, (tensors) => [body(tensors)]);
  // Squared, so that an error in y also shows in the gradients.
  const loss = weightedLoss(square(ys[0]!));
  const names = Object.keys(inputs);
  const list = gradients(loss, Object.values(inputs));
  return { label, loss, gradients: Object.fromEntries(names.map((name, i) => [name, list[i]!])), batches, weights };
}

/** Convolution, bias, relu and pool, with these numbers of channels in and out. */
function pooledConvolutions(label: string, x: Shape, window: Shape, first: number, second: number): Network {
  const [batch, height, width, channels] = x as [number, number, number, number];
  const flat = Math.ceil(height / 4) * Math.ceil(width / 4) * second;
  const weights = {
    w1: [...window, channels, first],
    b1: [first],
    w2: [...window, first, second],
    b2: [second],
    w3: [flat, 40],
    b3: [40],
    w4: [40, 33],
  };
  return network(label, { x }, weights, (t) => {
    let h = avgPool(relu(addBias(conv2d(t.x!, t.w1!), t.b1!)));
    h = avgPool(relu(addBias(conv2d(h, t.w2!), t.b2!)));
    h = relu(addBias(matMul(reshape(h, [batch, flat]), t.w3!), t.b3!));
    return matMul(h, t.w4!);
  });
}

/** Convolution, norm and relu, twice, with resizes between; the first has a bias that the norm takes away. */
function normedConvolutions(label: string, x: Shape, first: number, second: number): Network {
  const [, height, width, channels] = x as [number, number, number, number];
  const weights = {
    w1: [3, 3, channels, first],
    b1: [first],
    beta1: [first],
    w2: [3, 3, first, second],
    beta2: [second],
    w3: [1, 1, second, 2],
    b3: [2],
  };
  return network(label, { x }, weights, (t) => {
    let h = relu(batchNorm(addBias(conv2d(t.x!, t.w1!), t.b1!), t.beta1!));
    h = conv2d(resizeBilinear(h, [2 * height, 2 * width]), t.w2!, { strides: 2 });
    return tanh(addBias(conv2d(relu(batchNorm(h, t.beta2!)), t.w3!), t.b3!));
  });
}

const DENSE: Shapes = { w: [24, 40], b: [40], v: [40, 24], c: [24] };

/** Two dense layers with relu between. */
function layers(x: Tensor, { w, b, v, c }: Tensors): Tensor {
  return addBias(matMul(relu(addBias(matMul(x, w!), b!)), v!), c!);
}

export const networks: readonly Network[] = [
  pooledConvolutions("convolution, bias, relu, average pool", [17, 28, 28, 1], [5, 5], 6, 9),
  pooledConvolutions("the same on few small images that the pool crops", [2, 7, 9, 3], [3, 3], 5, 2),
  pooledConvolutions("the same by FFT", [3, 14, 14, 16], [5, 5], 17, 32),
  pooledConvolutions("the same by Winograd", [3, 12, 10, 16], [2, 2], 17, 32),
  network("one channel, pooled", { x: [3, 20, 20, 2] }, { w: [3, 3, 2, 1], b: [1] }, ({ x, w, b }) =>
    avgPool(relu(addBias(conv2d(x!, w!), b!))),
  ),
  normedConvolutions("convolution, batch norm, relu", [5, 14, 13, 3], 8, 6),
  normedConvolutions("batch norm by FFT and Winograd", [2, 14, 14, 16], 16, 18),
  network(
    "convolutions with strides, and pointwise, with bias, relu and max pool",
    { x: [9, 23, 21, 3] },
    { w: [3, 3, 3, 7], b: [7], v: [1, 1, 7, 20], c: [20] },
    (t) => {
      const h = relu(addBias(conv2d(t.x!, t.w!, { strides: 2, padding: "valid" }), t.b!));
      return maxPool(relu(addBias(conv2d(h, t.v!), t.c!)));
    },
  ),
  network(
    "transposed convolutions, by patches, FFT and Winograd",
    { x: [3, 4, 5, 5] },
    { w: [3, 3, 16, 5], b: [16], v: [5, 5, 17, 16], c: [17], u: [2, 2, 16, 17], d: [16] },
    (t) => {
      let h = relu(addBias(conv2dTranspose(t.x!, t.w!, { strides: 2 }), t.b!));
      h = relu(addBias(conv2dTranspose(h, t.v!), t.c!));
      return tanh(addBias(conv2dTranspose(h, t.u!, { padding: "valid" }), t.d!));
    },
  ),
  network("dense layers of three batches", { a: [70, 24], d: [20, 24], e: [300, 24] }, DENSE, (t) =>
    add(add(sum(layers(t.a!, t)), mean(square(layers(t.d!, t)))), mean(tanh(layers(t.e!, t)))),
  ),
  network("dense layers one after the other, with the same weights", { x: [65, 24] }, DENSE, (t) =>
    layers(layers(layers(t.x!, t), t), t),
  ),
  network(
    "a filter of three batches",
    { a: [40, 20, 20, 3], d: [2, 9, 8, 3], e: [3, 21, 22, 3] },
    { w: [5, 5, 3, 4], b: [4] },
    ({ a, d, e, w, b }) =>
      add(
        add(sum(tanh(addBias(conv2d(a!, w!), b!))), mean(leakyRelu(conv2d(d!, w!)))),
        mean(square(relu(addBias(conv2d(e!, w!, { strides: 2 }), b!)))),
      ),
  ),
  network("leaky relu", { x: [33, 24] }, DENSE, ({ x, w, b, v, c }) => {
    const h = leakyRelu(addBias(matMul(x!, w!), b!));
    return leakyRelu(addBias(matMul(h, v!), c!), { slope: 0.1 });
  }),
  network(
    "sums past layers whose products have few and many terms",
    { x: [30, 24] },
    { w: [24, 24], b: [24], u: [24, 150], v: [150, 24] },
    ({ x, w, b, u, v }) => {
      const h = add(x!, matMul(relu(addBias(matMul(x!, w!), b!)), w!));
      return add(h, matMul(tanh(matMul(h, u!)), v!));
    },
  ),
  network(
    "a sum past convolutions, and a bias made of what they read",
    { x: [6, 13, 12, 4] },
    { w: [3, 3, 4, 4], beta: [4], b: [4] },
    ({ x, w, beta, b }) => {
      const h = relu(batchNorm(conv2d(x!, w!), beta!));
      const own = add(mean(h, { axes: [0, 1, 2] }), b!);
      return add(add(h, relu(addBias(conv2d(h, w!), own))), tanh(h));
    },
  ),
  network("slices beside the whole, and products", { x: [50, 24] }, { w: [24, 40], v: [17, 40] }, ({ x, w, v }) => {
    const left = tanh(matMul(slice(x!, [0, 3], [50, 17]), v!));
    return add(add(matMul(x!, w!), left), matMul(square(x!), w!));
  }),
];
