// The second proof: it compares the kernels' results with the float64 reference, within bounds that follow from float32
// arithmetic.
import { beforeAll, describe, expect, test } from "vitest";
import { lowerableRoots } from "../../src/engine/compile/compile-program.ts";
import { inOrder } from "../../src/engine/compile/passes/traverse.ts";
import type { Tensor } from "../../src/engine/graph/tensor.ts";
import { allOps } from "../support/all-ops.ts";
import type { Algorithm } from "../../src/engine/lowering/convolution/convolution.ts";
import { compile } from "../../src/engine/session/compile.ts";
import type { Shape } from "../../src/engine/shape.ts";
import { shapesOf } from "../support/gradient-check.ts";
import { KernelProof, type Proof } from "../support/kernel-proof.ts";
import { algorithmOfNode } from "../support/node-algorithm.ts";
import { fetchesOf } from "../support/op-fetches.ts";
import { casesOf, opGraph, type OpCase } from "../support/op-graph.ts";
import { operationText } from "../support/operation-text.ts";
import { referenceOf } from "../support/reference/index.ts";
import { valueOf } from "../support/reference/value.ts";
import { sweeps } from "./sweeps.ts";

let proof: KernelProof;

beforeAll(async () => {
  proof = await KernelProof.create();
});

/** Proves the case node by node, and that a session gives the same bits. */
async function prove(opCase: OpCase): Promise<Proof> {
  const built = opGraph(opCase);
  const fetches = fetchesOf(built);
  const result = proof.check(opCase.label, fetches, built.given);
  const session = await compile(built.graph);
  const values = session.run(Object.fromEntries(fetches.map((fetch, i) => [i, fetch])), built.given);
  fetches.forEach((_, i) => {
    const value = values[i] as number | Float32Array;
    const bits = new Int32Array((typeof value === "number" ? Float32Array.of(value) : value).buffer);
    expect(bits, `${opCase.label}: fetch ${i} of a session`).toEqual(new Int32Array(result.roots[i]!.buffer));
  });
  session.dispose();
  return result;
}

describe("every operation's cases", () => {
  test.each(allOps.map((op) => [op.name, op] as const))("%s", async (_, definition) => {
    for (const opCase of casesOf(definition)) {
      const { compared, operations } = await prove(opCase);
      expect(operations).toContain(operationText({ operation: definition, attributes: opCase.opCase.attributes }));
      expect(compared).toBeGreaterThan(1);
    }
  });
});

describe("sizes around tiles, blocks and chunks", () => {
  test.each(Object.entries(sweeps))("%s", async (_, cases) => {
    let compared = 0;
    for (const opCase of cases) compared += (await prove(opCase)).compared;
    expect(cases.length).toBeGreaterThan(3);
    expect(compared).toBeGreaterThan(1000);
  });
});

test("every algorithm makes convolutions of the sweep, and the FFT all of their kinds", () => {
  const made = new Set<Algorithm | undefined>();
  const fft = new Set<string>();
  for (const opCase of Object.values(sweeps).flat()) {
    if (!opCase.definition.name.startsWith("conv2d")) continue;
    for (const node of nodesOf(opCase)) {
      const algorithm = algorithmOfNode(node);
      made.add(algorithm);
      if (algorithm === "fft") fft.add(operationText(node));
    }
  }
  for (const algorithm of Object.keys(EVERY_ALGORITHM)) expect(made).toContain(algorithm);
  const kinds = [
    "conv2d",
    "conv2d, bias",
    "conv2d, bias, relu",
    "conv2d, bias, relu, pool",
    "conv2dFilterGrad",
    "conv2dFilterGrad, through pool",
    "conv2dFilterGrad, accumulate",
    "conv2dInputGrad",
    "conv2dInputGrad, through pool",
    "conv2dTranspose",
    "conv2dTranspose, bias",
    "conv2dTranspose, bias, relu",
  ];
  expect(fft).toEqual(new Set(kinds));
  for (const opCase of sweeps["convolutions by FFT"]!) {
    expect(nodesOf(opCase).map(algorithmOfNode), opCase.label).toContain("fft");
  }
});

const EVERY_ALGORITHM: Readonly<Record<Algorithm, true>> = { patches: true, winograd: true, fft: true };

/** The tensors that a case's proof computes. */
function nodesOf(opCase: OpCase): readonly Tensor[] {
  const built = opGraph(opCase);
  return inOrder(lowerableRoots(fetchesOf(built), { feedShapes: shapesOf(built.y, built.given), rewrites: {} }));
}

describe("bounds leave no room for a wrong kernel", () => {
  const cases = allOps.map((op) => [op.name, casesOf(op)] as const);
  test.each([...cases, ...Object.entries(sweeps).filter(([name]) => name.includes(" by "))])("%s", (_, opCases) => {
    for (const { label, definition, opCase } of opCases) {
      const { values, bounds } = referenceOf(definition.name);
      const { y, given } = opGraph({ definition, opCase });
      const inputs = y.inputs.map((x, i) => valueOf(x.shape as Shape, given[`x${i}`]!));
      const results = values(inputs, opCase.attributes, y.shape as Shape);
      bounds?.(inputs, opCase.attributes, results).forEach((bound, i) => {
        const largest = Math.max(...[results[i]!, ...inputs].flatMap(({ data }) => Array.from(data, Math.abs)));
        expect(Math.max(...Array.from(bound ?? [0])), `${label}, result ${i}`).toBeLessThan(3e-3 * largest);
      });
    }
  });
});
