// Models as a user may write them, with the public engine alone: they learn, and with the same bits each time.
import { describe, expect, test } from "vitest";
import { compile, Graph, nn, ops, optim, type RewriteSwitches, type Tensor } from "../../src/index.ts";
import { digits } from "../../src/data/index.ts";

/** Rows of zeros with a one at each label. */
function oneHot(labels: ArrayLike<number>, classes: number): Float32Array {
  const rows = new Float32Array(labels.length * classes);
  for (let i = 0; i < labels.length; i++) rows[i * classes + labels[i]!] = 1;
  return rows;
}

/** The largest logit's class, row by row. */
function predictions(logits: Float32Array, classes: number): number[] {
  return Array.from({ length: logits.length / classes }, (_, row) => {
    const scores = logits.subarray(row * classes, (row + 1) * classes);
    return scores.indexOf(Math.max(...scores));
  });
}

function accuracy(predicted: readonly number[], labels: ArrayLike<number>): number {
  return predicted.filter((label, i) => label === labels[i]).length / labels.length;
}

describe("a perceptron with one hidden layer", () => {
  const CLASSES = 3;
  const POINTS = 150;

  /** Three arms of a spiral: no line parts them. */
  function spiral(): { points: Float32Array; labels: number[] } {
    const labels = Array.from({ length: POINTS }, (_, i) => i % CLASSES);
    const points = Float32Array.from({ length: 2 * POINTS }, (_, j) => {
      const i = j >> 1;
      const radius = 0.1 + (0.9 * i) / POINTS;
      const angle = (2 * Math.PI * labels[i]!) / CLASSES + 3 * radius;
      return radius * (j % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
    });
    return { points, labels };
  }

  function perceptron(): { graph: Graph; logits: Tensor; loss: Tensor; step: ReturnType<optim.Adam["minimize"]> } {
    const graph = new Graph();
    const x = graph.placeholder("x", [null, 2]);
    const labels = graph.placeholder("labels", [null, CLASSES]);
    const wide = { weights: nn.normal(1), bias: nn.normal(1) };
    const hidden = ops.tanh(nn.dense(x, "hidden", 32, wide));
    const logits = nn.dense(hidden, "out", CLASSES);
    const loss = ops.mean(ops.softmaxCrossEntropy(logits, labels));
    const step = optim.adam({ learningRate: 0.03 }).minimize(loss, [...graph.variables.values()]);
    return { graph, logits, loss, step };
  }

  const { points, labels } = spiral();
  const feeds = { x: points, labels: oneHot(labels, CLASSES) };

  test("parts the arms of a spiral in 300 steps", async () => {
    const { graph, logits, loss, step } = perceptron();
    const session = await compile(graph);
    const losses = Array.from({ length: 300 }, () => session.run({ loss, step }, feeds).loss as number);
    expect(Math.abs(losses[0]! - Math.log(3)), "guessing, at first").toBeLessThan(0.15);
    expect(losses.at(-1)!).toBeLessThan(0.05);
    const predicted = predictions(session.run({ logits }, { x: points }).logits as Float32Array, CLASSES);
    expect(accuracy(predicted, labels)).toBeGreaterThan(0.98);
  });

  test("learns with the same bits in another session of another graph, and where biases are added apart", async () => {
    const weights = async (rewrites: RewriteSwitches): Promise<Float32Array[]> => {
      const { graph, step } = perceptron();
      const session = await compile(graph, { rewrites });
      for (let i = 0; i < 30; i++) session.run({ step }, feeds);
      return [...graph.variables.keys()].map((name) => session.variables.get(name));
    };
    const first = await weights({});
    expect(await weights({})).toEqual(first);
    // A bias joins the product before it without a change of the sums' order.
    expect(await weights({ fuseBias: false })).toEqual(first);
  });
});

test("a convolutional network reads drawn digits it has never seen", async () => {
  const BATCH = 50;
  const [training, unseen] = [digits({ count: 1000 }), digits({ first: 50_000, count: 200 })];
  const pixels = (images: Uint8Array): Float32Array => Float32Array.from(images, (byte) => byte / 255);

  const graph = new Graph();
  const x = graph.placeholder("x", [null, 28, 28, 1]);
  const labels = graph.placeholder("labels", [null, 10]);
  const he = (inputs: number): nn.LayerInitializers => ({ weights: nn.truncatedNormal(Math.sqrt(2 / inputs)) });
  let y = ops.relu(nn.convolution(x, "conv1", 8, { window: 5, padding: "same", ...he(25) }));
  y = ops.maxPool(y, { window: 2, strides: 2, padding: "same" });
  y = ops.leakyRelu(nn.convolution(y, "conv2", 16, { window: 3, strides: 2, padding: "valid", ...he(72) }), {
    slope: 0.1,
  });
  y = ops.reshape(y, [-1, 6 * 6 * 16]);
  const logits = nn.dense(y, "out", 10, he(576));
  const loss = ops.mean(ops.softmaxCrossEntropy(logits, labels));
  const step = optim.adam({ learningRate: 0.005 }).minimize(loss, [...graph.variables.values()]);

  const session = await compile(graph);
  const images = pixels(training.images);
  const classes = oneHot(training.labels, 10);
  const planned: number[] = [];
  for (let epoch = 0; epoch < 3; epoch++) {
    for (let at = 0; at < training.count; at += BATCH) {
      session.run(
        { step },
        { x: images.subarray(at * 784, (at + BATCH) * 784), labels: classes.subarray(at * 10, (at + BATCH) * 10) },
      );
    }
    planned.push(session.memoryBytes);
  }
  expect(new Set(planned).size, "memory is planned once").toBe(1);
  const scores = session.run({ logits }, { x: pixels(unseen.images) }).logits as Float32Array;
  expect(accuracy(predictions(scores, 10), unseen.labels)).toBeGreaterThan(0.85);
  session.dispose();
});

test("an autoencoder with batch norm and a resize squeezes images through 8 numbers", async () => {
  const graph = new Graph();
  const x = graph.placeholder("x", [null, 8, 8, 1]);
  const encoder = { weights: nn.normal(0.1) };
  const code = ops.tanh(nn.dense(ops.reshape(x, [-1, 64]), "encoder", 8, encoder));
  let y = nn.dense(code, "decoder", 4 * 4 * 4, { weights: nn.normal(0.3) });
  const beta = graph.getVariable("beta", [4], nn.zeros());
  y = ops.relu(ops.batchNorm(ops.reshape(y, [-1, 4, 4, 4]), beta, { epsilon: 1e-5 }));
  y = ops.resizeBilinear(y, [8, 8]);
  y = ops.sigmoid(nn.convolution(y, "image", 1, { padding: "same", weights: nn.normal(0.2) }));
  const loss = nn.meanSquaredError(y, x);
  const step = optim.adam({ learningRate: 0.01 }).minimize(loss, [...graph.variables.values()]);

  // Sixteen bars, horizontal or vertical, at eight places.
  const bars = Float32Array.from({ length: 16 * 64 }, (_, i) => {
    const [bar, row, column] = [i >> 6, (i >> 3) & 7, i & 7];
    return (bar < 8 ? row : column) === (bar & 7) ? 1 : 0;
  });
  const session = await compile(graph);
  const losses = Array.from({ length: 400 }, () => session.run({ loss, step }, { x: bars }).loss as number);
  // A grey image, 1/8 everywhere, would be off by 7/64.
  expect(losses[0]!).toBeGreaterThan(7 / 64);
  expect(losses.at(-1)!).toBeLessThan(0.03);
});
