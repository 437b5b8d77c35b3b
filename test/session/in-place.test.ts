// Results are written over inputs that no later operation reads. Whatever else is fetched, the bits must be the same.
import { beforeAll, expect, test } from "vitest";
import { lowerableRoots } from "../../src/engine/compile/compile-program.ts";
import { gradients } from "../../src/engine/graph/gradients.ts";
import { Graph } from "../../src/engine/graph/graph.ts";
import type { Tensor } from "../../src/engine/graph/tensor.ts";
import { matMul, neg, tanh } from "../../src/engine/ops/index.ts";
import { compile } from "../../src/engine/session/compile.ts";
import type { Shape } from "../../src/engine/shape.ts";
import { bitsOf } from "../support/bits.ts";
import { KernelProof } from "../support/kernel-proof.ts";
import { randomGraph } from "../support/random-graph.ts";
import { randomSource } from "../support/random.ts";

const GRAPHS = 50;

let proof: KernelProof;

beforeAll(async () => {
  proof = await KernelProof.create();
});

test(`in ${GRAPHS} random graphs, what is fetched beside a tensor does not change its bits`, async () => {
  let compared = 0;
  for (let seed = 0; seed < GRAPHS; seed++) {
    const { graph, x, nodes, loss, values } = randomGraph(seed);
    const fetches = [...nodes, loss, ...gradients(loss, [x])];
    const session = await compile(graph);
    const run = (wanted: readonly Tensor[]): Int32Array[] => {
      const results = session.run(Object.fromEntries(wanted.map((tensor) => [tensor.id, tensor])), { x: values });
      return wanted.map(({ id }) => bitsOf(results[id] as number | Float32Array));
    };
    // If every node is fetched, no node may be written over.
    const all = run(fetches);
    const random = randomSource(seed + 1000);
    const subsets = [
      fetches.slice(-1),
      fetches.slice(-2),
      ...[0.1, 0.3, 0.6].map((share) => fetches.filter(() => random() < share)),
      ...fetches.filter(() => random() < 0.2).map((fetch) => [fetch]),
    ];
    for (const subset of subsets) {
      run(subset).forEach((bits, i) => {
        compared++;
        expect(bits, `seed ${seed}: ${subset[i]} beside ${subset.join("; ")}`).toEqual(
          all[fetches.indexOf(subset[i]!)],
        );
      });
    }
    session.dispose();
  }
  expect(compared).toBeGreaterThan(GRAPHS * 20);
});

test("a matrix that is written over between two products is packed again for the second", async () => {
  const graph = new Graph();
  const x = graph.placeholder("x", [5, 5]);
  const before = tanh(x);
  const first = matMul(x, before);
  const after = neg(before); // takes the memory of `before`, which has the size of its panels and their shape
  const second = matMul(first, after);
  const session = await compile(graph);
  const feeds = { x: Float32Array.from({ length: 25 }, (_, i) => (i % 7) - 3) };
  const all = session.run({ before, first, after, second }, feeds);
  expect(bitsOf(session.run({ second }, feeds).second)).toEqual(bitsOf(all.second));
});

test("the same graphs, with every node fetched, are what their operations mean", () => {
  let compared = 0;
  for (let seed = 0; seed < GRAPHS; seed++) {
    const { x, loss, values } = randomGraph(seed);
    compared += proof.check(`seed ${seed}`, [loss, ...gradients(loss, [x])], { x: values }).compared;
  }
  expect(compared).toBeGreaterThan(GRAPHS * 500);
});

test("results are written in place: the arena is smaller than all results together", async () => {
  const { graph, x, nodes, loss, values } = randomGraph(3);
  const session = await compile(graph);
  const start = session.memoryBytes;
  session.run({ loss }, { x: values });
  const alone = session.memoryBytes - start;
  const total = lowerableRoots([...nodes, loss], {
    feedShapes: new Map([["x", x.shape as Shape]]),
    rewrites: {},
  }).length;
  expect(total).toBeGreaterThan(12);
  const second = await compile(graph);
  second.run(Object.fromEntries(nodes.map((node) => [node.id, node])), { x: values });
  expect(alone).toBeLessThan(second.memoryBytes - start);
});
