import { Graph } from "../../src/engine/graph/graph.ts";
import type { Placeholder, Tensor } from "../../src/engine/graph/tensor.ts";
import {
  abs,
  add,
  addBias,
  batchNorm,
  concat,
  leakyRelu,
  matMul,
  maximum,
  mul,
  neg,
  relu,
  reshape,
  sigmoid,
  slice,
  softplus,
  square,
  sub,
  sum,
  tanh,
  transpose,
} from "../../src/engine/ops/index.ts";
import { apartValues, below, randomSource } from "./random.ts";
import { weightedLoss } from "./weighted-loss.ts";

/** A random computation on x [4, 6]. */
export interface RandomGraph {
  readonly graph: Graph;
  readonly x: Placeholder;
  /** Every node that was made, in order. */
  readonly nodes: readonly Tensor[];
  /** A scalar that depends on all nodes that no other node reads. */
  readonly loss: Tensor;
  readonly values: Float32Array;
}

type Step = (pick: () => Tensor, graph: Graph) => Tensor;

/** Operations that keep the shape [4, 6]. Many may work in place, some share memory, some have results besides y. */
const STEPS: readonly Step[] = [
  (pick) => neg(pick()),
  (pick) => relu(pick()),
  (pick) => tanh(pick()),
  (pick) => sigmoid(pick()),
  (pick) => abs(pick()),
  (pick) => leakyRelu(pick()),
  (pick) => softplus(neg(square(tanh(pick())))),
  (pick) => add(pick(), pick()),
  (pick) => sub(pick(), pick()),
  (pick) => mul(tanh(pick()), tanh(pick())),
  (pick) => maximum(pick(), pick()),
  (pick) => add(pick(), sum(tanh(pick()), { axes: [0] })),
  (pick) => addBias(pick(), slice(reshape(tanh(pick()), [24]), [5], [6])),
  (pick) => batchNorm(pick(), slice(reshape(tanh(pick()), [24]), [1], [6])),
  (pick) => reshape(relu(reshape(pick(), [2, 12])), [4, 6]),
  (pick) => reshape(pick(), [4, 6]),
  (pick) => reshape(transpose(pick()), [4, 6]),
  (pick) => concat([slice(pick(), [0, 2], [4, 4]), slice(pick(), [0, 0], [4, 2])], 1),
  (pick) => tanh(matMul(pick(), matMul(tanh(pick()), tanh(pick()), { transposeA: true }))),
  (pick, graph) => mul(pick(), graph.constant([1, -0.5, 0.25, 2, -1, 0.75])),
];

/** The same graph for the same seed. */
export function randomGraph(seed: number, length = 14): RandomGraph {
  const random = randomSource(seed);
  const graph = new Graph();
  const x = graph.placeholder("x", [4, 6]);
  const results: Tensor[] = [x];
  // Recent results are read more often, so that chains form. Some are read again much later.
  const pick = (): Tensor => results[results.length - 1 - Math.floor(random() ** 2 * results.length)]!;
  for (let i = 0; i < length; i++) results.push(STEPS[below(random, STEPS.length)]!(pick, graph));
  const read = new Set(graph.nodes.flatMap(({ inputs }) => inputs));
  const last = results.slice(1).filter((node) => !read.has(node));
  const nodes = graph.nodes.slice();
  const loss = last.map((node, i) => weightedLoss(node, seed + i)).reduce(add);
  return { graph, x, nodes, loss, values: apartValues(random, 24, [-2, 2]) };
}
