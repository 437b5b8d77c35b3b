// Networks unrolled over time: the products that their steps share run at once, and the time to compile them is
// proportional to their length.
import { beforeAll, describe, expect, test } from "vitest";
import { expandGradients } from "../../src/engine/compile/passes/expand-gradients.ts";
import { specialize } from "../../src/engine/compile/passes/specialize.ts";
import { inOrder } from "../../src/engine/compile/passes/traverse.ts";
import {
  rewriteBackward,
  rewriteForward,
  rewriteNames,
  type RewriteSwitches,
} from "../../src/engine/compile/rewrites/index.ts";
import type { Tensor } from "../../src/engine/graph/tensor.ts";
import { adam } from "../../src/engine/optim/index.ts";
import { compile } from "../../src/engine/session/compile.ts";
import type { Shape } from "../../src/engine/shape.ts";
import { bitsOf } from "../support/bits.ts";
import { KernelProof } from "../support/kernel-proof.ts";
import { valuesFor } from "./merge-samples.ts";
import { recurrentNetworks, type Unrolled } from "./recurrent-networks.ts";
import { compiled, largestDifference } from "./rewritten.ts";

const NONE = Object.fromEntries(rewriteNames.map((name) => [name, false])) as RewriteSwitches;
const ONLY = { ...NONE, mergeBatches: true };

function feedShapes({ graph }: Unrolled): Map<string, Shape> {
  return new Map([...graph.placeholders].map(([name, { shape }]) => [name, shape as Shape]));
}

/** Values for placeholders and variables. */
function fedTo(network: Unrolled): Readonly<Record<string, Float32Array>> {
  return valuesFor({
    ...Object.fromEntries(feedShapes(network)),
    ...Object.fromEntries(network.variables.map(({ name, shape }) => [name, shape])),
  });
}

/** Forward products with weights, before and after merging. */
const PRODUCTS: Readonly<Record<string, readonly [apart: number, merged: number]>> = {
  // The first of the six steps has no state to multiply.
  "a layer whose last state counts": [6 + 5, 1 + 5],
  "a layer of which every state counts": [6 + 5 + 6, 1 + 5 + 1],
  "a sequence that lies in one tensor": [6 + 5 + 6, 1 + 5 + 1],
  // The steps of both sequences run together.
  "two sequences": [2 * (6 + 5), 1 + 5],
  "a long short-term memory": [4 * (6 + 6), 4 * (1 + 6)],
};

describe.each(Object.entries(recurrentNetworks))("%s", (name, build) => {
  let proof: KernelProof;

  beforeAll(async () => {
    proof = await KernelProof.create();
  });

  test("multiplies by each weight once for all steps that do not wait for each other", () => {
    const network = build(6);
    const fed = fedTo(network);
    const products = (rewrites: RewriteSwitches): number =>
      compiled([network.loss], fed, rewrites).filter(({ operation }) => operation.name === "matMul").length;
    expect([products(NONE), products(ONLY)]).toEqual(PRODUCTS[name]);
  });

  test("has the loss and the gradients that it has step by step", () => {
    const network = build(6);
    const fed = fedTo(network);
    for (const merging of [ONLY, {}]) {
      expect(largestDifference(network.roots, fed, NONE, merging)).toBeLessThan(1e-11);
      expect(proof.check(name, network.roots, fed, merging).compared).toBeGreaterThan(1000);
    }
  });

  test("is compiled in work that grows with its length, pass by pass", () => {
    const [short, long] = [250, 1000].map((steps) => readsOfInputs(build(steps)));
    for (const [pass, reads] of long!) {
      // Four times as many, except for what does not depend on the length.
      const growth = reads / short!.get(pass)!;
      expect(growth, pass).toBeGreaterThan(3.5);
      expect(growth, pass).toBeLessThan(4.1);
    }
  });
});

type Pass = (roots: readonly Tensor[]) => readonly Tensor[];

/** Computes the products one after the other. */
const passes: readonly (readonly [name: string, pass: Pass])[] = [
  ["mergeBatches", (roots) => rewriteForward(roots, ONLY)],
  ["all forward rewrites", (roots) => rewriteForward(roots, {})],
  ["gradients", expandGradients],
  ["all backward rewrites", (roots) => rewriteBackward(roots, {})],
];

/**
 * The number of times that each pass looks at the inputs of the nodes it is given: a measure of its work that no clock
 * disturbs.
 */
function readsOfInputs(network: Unrolled): ReadonlyMap<string, number> {
  const reads = new Map<string, number>();
  let roots: readonly Tensor[] = specialize(network.roots, feedShapes(network));
  for (const [name, pass] of passes) {
    let count = 0;
    for (const node of inOrder(roots)) {
      const { inputs } = node;
      Object.defineProperty(node, "inputs", { configurable: true, get: () => (count++, inputs) });
    }
    roots = pass(roots);
    reads.set(name, count);
  }
  return reads;
}

test("1,000 steps are compiled and run: the loss has the bits it has step by step, and falls", async () => {
  const { graph, loss, variables } = recurrentNetworks["a layer of which every state counts"]!(1000);
  const step = adam({ learningRate: 0.001 }).minimize(loss, variables);
  const feeds = valuesFor(
    Object.fromEntries([...graph.placeholders].map(([name, { shape }]) => [name, shape as Shape])),
  );
  const [merged, apart] = await Promise.all(
    [{}, { mergeBatches: false }].map(async (rewrites) => {
      const session = await compile(graph, { rewrites });
      return [0, 1].map(() => session.run({ loss, step }, feeds).loss as number);
    }),
  );
  expect(bitsOf(merged![0]!)).toEqual(bitsOf(apart![0]!));
  expect(merged![1]).toBeLessThan(merged![0]!);
  expect(merged![1]! / apart![1]!).toBeCloseTo(1, 4);
});
