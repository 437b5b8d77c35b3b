// At a kink or a tie, an operation's gradient is the one that TensorFlow chose, in the reference and in the kernels.
import { beforeAll, describe, expect, test } from "vitest";
import { gradients } from "../../src/engine/graph/gradients.ts";
import { Graph } from "../../src/engine/graph/graph.ts";
import type { Tensor } from "../../src/engine/graph/tensor.ts";
import { abs, leakyRelu, max, maximum, maxPool, mul, relu, sum } from "../../src/engine/ops/index.ts";
import { KernelProof } from "../support/kernel-proof.ts";

let proof: KernelProof;

beforeAll(async () => {
  proof = await KernelProof.create();
});

/** Gradients of Σ y·weights in the inputs, from the kernels; the proof compares each node with its reference. */
function gradientsOf(
  y: (...x: Tensor[]) => Tensor,
  weights: readonly number[],
  ...values: readonly { readonly shape: readonly number[]; readonly data: readonly number[] }[]
): number[][] {
  const graph = new Graph();
  const xs = values.map(({ shape }, i) => graph.placeholder(`x${i}`, shape));
  const result = y(...xs);
  const loss = sum(mul(result, graph.constant(weights, result.shape as number[])));
  const fed = Object.fromEntries(values.map(({ data }, i) => [`x${i}`, Float32Array.from(data)]));
  return proof.check("ties", gradients(loss, xs), fed).roots.map((root) => [...root].map((value) => value + 0));
}

const vector = (...data: number[]): { shape: number[]; data: number[] } => ({ shape: [data.length], data });

test("maximum gives a tie to a", () => {
  expect(gradientsOf((a, b) => maximum(a, b), [3, 5, 7], vector(1, 2, 0), vector(1, 1, 4))).toEqual([
    [3, 5, 0],
    [0, 0, 7],
  ]);
  expect(gradientsOf((a, b) => maximum(a, b), [3], vector(0), vector(-0))).toEqual([[3], [0]]);
});

test("maximum of x and x gives all to the first, and so all to x", () => {
  expect(gradientsOf((x) => maximum(x, x), [3, 5], vector(1, 2))).toEqual([[3, 5]]);
});

describe("max shares among ties", () => {
  test("of a vector", () => {
    expect(gradientsOf((x) => max(x), [6], vector(2, 5, 1, 5, 5))).toEqual([[0, 2, 0, 2, 2]]);
  });

  test("of each row", () => {
    const x = { shape: [2, 3], data: [4, 4, 1, -2, -1, -1] };
    expect(gradientsOf((t) => max(t, { axes: [1] }), [10, 4], x)).toEqual([[5, 5, 0, 0, 2, 2]]);
    expect(gradientsOf((t) => max(t, { axes: [0], keepDims: true }), [1, 2, 3], x)).toEqual([[1, 2, 3, 0, 0, 0]]);
  });
});

describe("maxPool gives a tie to the first of its window", () => {
  test("row by row", () => {
    const x = { shape: [1, 2, 4, 1], data: [7, 7, 0, 1, 7, 7, 1, 1] };
    expect(gradientsOf((t) => maxPool(t), [3, 5], x)).toEqual([[3, 0, 0, 5, 0, 0, 0, 0]]);
  });

  test("where windows overlap, an element gets all that it won", () => {
    const x = { shape: [1, 1, 4, 1], data: [1, 2, 2, 0] };
    const pool = (t?: Tensor): Tensor => maxPool(t!, { window: [1, 2], strides: 1, padding: "valid" });
    expect(gradientsOf(pool, [3, 5, 7], x)).toEqual([[0, 8, 7, 0]]);
  });

  test("at the border, where zeros would be larger than what is inside", () => {
    const x = { shape: [1, 3, 3, 1], data: [-1, -2, -3, -4, -5, -6, -7, -8, -9] };
    expect(gradientsOf((t) => maxPool(t), [1, 2, 3, 4], x)).toEqual([[1, 0, 2, 0, 0, 0, 3, 0, 4]]);
  });
});

test("relu, leakyRelu and abs at 0", () => {
  expect(gradientsOf((x) => relu(x), [3, 5, 7], vector(0, -0, 1))).toEqual([[0, 0, 7]]);
  expect(gradientsOf((x) => leakyRelu(x, { slope: 0.5 }), [4, 6, 8], vector(0, -1, 1))).toEqual([[2, 3, 8]]);
  expect(gradientsOf((x) => abs(x), [3, 5, 7], vector(0, -2, 2))).toEqual([[0, -5, 7]]);
});
