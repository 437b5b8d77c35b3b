// Each rewrite keeps the mathematics (float64, before and after), the kernels give the same numbers, and the rewrite
// applies only where its pattern is there.
import { beforeAll, describe, expect, test } from "vitest";
import { rewriteNames, type RewriteName, type RewriteSwitches } from "../../src/engine/compile/rewrites/index.ts";
import type { Tensor } from "../../src/engine/graph/tensor.ts";
import { gradients } from "../../src/engine/graph/gradients.ts";
import { Graph } from "../../src/engine/graph/graph.ts";
import { generator } from "../../src/gan/generator.ts";
import { sizeOf } from "../../src/engine/shape.ts";
import { bitsOf } from "../support/bits.ts";
import { KernelProof } from "../support/kernel-proof.ts";
import { algorithmOfNode } from "../support/node-algorithm.ts";
import { operationText } from "../support/operation-text.ts";
import { apartValues, randomSource } from "../support/random.ts";
import { weightedLoss } from "../support/weighted-loss.ts";
import { accumulations } from "./accumulation-samples.ts";
import { merges } from "./merge-samples.ts";
import { biases, collapses, normedBiases, rectifiedNorms, pooled, slices, type Sample } from "./rewrite-samples.ts";
import { compiled, largestDifference } from "./rewritten.ts";
import { sparseProducts } from "./sparse-samples.ts";

let proof: KernelProof;

beforeAll(async () => {
  proof = await KernelProof.create();
});

const switchesOff = Object.fromEntries(rewriteNames.map((name) => [name, false])) as RewriteSwitches;

/** All rewrites off but this one. */
function only(name: RewriteName): RewriteSwitches {
  return { ...switchesOff, [name]: true };
}

function operationsOf(roots: readonly Tensor[], fed: Sample["fed"], switches: RewriteSwitches): Set<string> {
  return new Set(compiled(roots, fed, switches).map(operationText));
}

const samples: readonly (readonly [RewriteName, readonly Sample[]])[] = [
  ["collapseResize", collapses],
  ["biasBeforeNorm", normedBiases],
  ["mergeBatches", merges],
  ["fusePool", pooled],
  ["fuseBias", biases],
  ["fuseNorm", rectifiedNorms],
  ["accumulateProducts", accumulations],
  ["accumulateSlices", slices],
  ["skipZeros", sparseProducts],
];

describe.each(samples)("%s", (name, list) => {
  test.each(list.map((sample) => [sample.label, sample] as const))("%s", (label, { build, fed, gone, made, kept }) => {
    const roots = build();
    const [before, after] = [operationsOf(roots, fed, switchesOff), operationsOf(roots, fed, only(name))];
    if (gone === undefined) {
      expect([...after].sort()).toEqual([...before].sort());
      return;
    }
    for (const operation of gone) {
      expect(before).toContain(operation);
      expect(after.has(operation), `${operation} after the rewrite`).toBe(kept?.includes(operation) === true);
    }
    for (const operation of made ?? []) {
      expect(before).not.toContain(operation);
      expect(after).toContain(operation);
    }
    // Values and gradients, in float64 and from the kernels.
    expect(largestDifference(roots, fed, switchesOff, only(name))).toBeLessThan(1e-11);
    const { compared, operations } = proof.check(label, roots, fed, only(name));
    expect(compared).toBeGreaterThan(0);
    for (const operation of made ?? []) expect(operations).toContain(operation);
  });

  test("there are samples that match and samples that must not", () => {
    expect(list.filter(({ gone }) => gone !== undefined).length).toBeGreaterThan(3);
    expect(list.filter(({ gone }) => gone === undefined).length).toBeGreaterThan(1);
  });
});

describe("all rewrites together", () => {
  const random = randomSource(11);
  const fill = (shape: readonly number[]): Float32Array => apartValues(random, sizeOf(shape), [-0.3, 0.3]);

  function generatorRoots(): { readonly roots: Tensor[]; readonly fed: Sample["fed"] } {
    const graph = new Graph();
    const z = graph.placeholder("z", [2, 8]);
    const loss = weightedLoss(generator(graph, z, 8));
    const variables = [...graph.variables.values()];
    const fed = Object.fromEntries([z, ...variables].map(({ name, shape }) => [name, fill(shape as number[])]));
    return { roots: [loss, ...gradients(loss, [z, ...variables])], fed };
  }

  test("the tutorial's generator, with the gradients of all its variables", () => {
    const { roots, fed } = generatorRoots();
    const operations = operationsOf(roots, fed, {});
    for (const name of ["mapFilter", "matMul, bias", "conv2d, bias", "batchNorm, relu"])
      expect(operations).toContain(name);
    expect(operations).not.toContain("resizeBilinear");
    expect(largestDifference(roots, fed, switchesOff, {})).toBeLessThan(1e-10);
    expect(proof.check("generator", roots, fed).compared).toBeGreaterThan(50_000);
  });
});

test("the gradient of a bias before a batch norm is 0, not what rounding leaves of it", () => {
  const [{ build, fed }] = normedBiases as readonly [Sample, ...Sample[]];
  const biasGradient = 1 + Object.keys(fed).indexOf("bias");
  const numbers = (switches: RewriteSwitches): number[] => [
    ...proof.check("bias", build(), fed, switches).roots[biasGradient]!,
  ];
  expect(numbers(only("biasBeforeNorm")).map(Math.abs)).toEqual([0, 0, 0]);
  const left = numbers(switchesOff).map(Math.abs);
  expect(Math.max(...left)).toBeGreaterThan(0);
  expect(Math.max(...left)).toBeLessThan(1e-4);
});

/**
 * The rewrites that depend on a tensor's other readers, and skipZeros: they change no bit, of values and of gradients.
 */
const exact: readonly RewriteName[] = ["fusePool", "fuseBias", "fuseNorm", "accumulateProducts", "skipZeros"];

/** Transforms recompute outputs near 0 before relu (and Winograd's filter gradient is added before it is rounded). */
function isOnPatches({ build, fed }: Sample): boolean {
  return compiled(build(), fed, {}).every((node) => (algorithmOfNode(node) ?? "patches") === "patches");
}

describe.each(samples.filter(([name]) => exact.includes(name)))("%s changes no bit", (name, list) => {
  test.each(list.filter(isOnPatches).map((sample) => [sample.label, sample] as const))("%s", (label, sample) => {
    const { build, fed } = sample;
    const bits = (switches: RewriteSwitches): Int32Array[] =>
      proof.check(label, build(), fed, switches).roots.map(bitsOf);
    expect(bits(only(name))).toEqual(bits(switchesOff));
  });
});

test("the samples cover every rewrite", () => {
  expect(samples.map(([name]) => name).sort()).toEqual([...rewriteNames].sort());
});
