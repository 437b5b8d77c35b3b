// The options of `compile`.
import { describe, expect, test } from "vitest";
import { rewriteNames, type RewriteName } from "../../src/engine/compile/rewrites/index.ts";
import { gradients } from "../../src/engine/graph/gradients.ts";
import { Graph } from "../../src/engine/graph/graph.ts";
import type { Tensor, Variable } from "../../src/engine/graph/tensor.ts";
import {
  add,
  addBias,
  avgPool,
  batchNorm,
  conv2d,
  exp,
  matMul,
  relu,
  resizeBilinear,
  slice,
  square,
  sum,
  tanh,
} from "../../src/engine/ops/index.ts";
import { compile, type CompileOptions } from "../../src/engine/session/compile.ts";
import { bitsOf } from "../support/bits.ts";
import { failureOf } from "../support/failure.ts";

type Build = (graph: Graph) => Tensor;

describe("rewrites", () => {
  /** y differs in its last bits between each of these rewrites on and off. */
  const samples: Readonly<Partial<Record<RewriteName, Build>>> = {
    collapseResize(graph) {
      const x = graph.getVariable("x", [1, 9, 9, 5], { kind: "normal", stddev: 1 });
      const filter = graph.getVariable("filter", [3, 3, 5, 4], { kind: "normal", stddev: 1 });
      return conv2d(resizeBilinear(x, [18, 18]), filter, { strides: 2 });
    },
    biasBeforeNorm(graph) {
      const x = graph.getVariable("x", [9, 5], { kind: "normal", stddev: 1 });
      const bias = graph.getVariable("bias", [5], { kind: "normal", stddev: 10 });
      return batchNorm(addBias(x, bias), bias);
    },
    mergeBatches(graph) {
      const named = (name: string, shape: readonly number[]): Variable =>
        graph.getVariable(name, shape, { kind: "normal", stddev: 1 });
      const [a, b, w] = [named("a", [5, 70]), named("b", [6, 70]), named("w", [70, 90])];
      // Each row's numbers are the same. In the gradient, the sum over all rows has another order.
      return gradients(sum(add(sum(matMul(a, w)), sum(square(matMul(b, w))))), [w])[0]!;
    },
    accumulateSlices(graph) {
      const x = graph.getVariable("x", [9, 9], { kind: "normal", stddev: 1 });
      const [left, right] = [slice(x, [0, 0], [6, 6]), slice(x, [3, 3], [6, 6])];
      return gradients(add(add(sum(exp(x)), sum(square(left))), sum(tanh(right))), [x])[0]!;
    },
    skipZeros(graph) {
      // Numbers are the same, but 0 · ∞ is left out: every output is −∞, so relu lets no gradient through.
      const x = graph.getVariable("x", [2, 40], { kind: "constant", value: -1 });
      const weights = exp(graph.getVariable("w", [40, 40], { kind: "constant", value: 100 }));
      return gradients(sum(relu(matMul(x, weights))), [x])[0]!;
    },
  };

  /**
   * y has the same bits with each of these on or off, but takes more memory when it is off. fuseBias and fuseNorm save
   * none.
   */
  const exact: Readonly<Partial<Record<RewriteName, Build>>> = {
    fusePool(graph) {
      const named = (name: string, shape: readonly number[]): Variable =>
        graph.getVariable(name, shape, { kind: "normal", stddev: 1 });
      const [x, filter, bias] = [named("x", [90, 20, 20, 2]), named("filter", [3, 3, 2, 4]), named("bias", [4])];
      const y = avgPool(relu(addBias(conv2d(x, filter), bias)));
      return gradients(sum(square(y)), [bias])[0]!;
    },
    accumulateProducts(graph) {
      const a = graph.getVariable("a", [300, 40], { kind: "normal", stddev: 1 });
      const b = graph.getVariable("b", [40, 300], { kind: "normal", stddev: 1 });
      return add(matMul(a, b), matMul(tanh(a), tanh(b)));
    },
  };

  test("all but two are told by bits or memory", () => {
    expect([...Object.keys(samples), ...Object.keys(exact), "fuseBias", "fuseNorm"].sort()).toEqual(
      [...rewriteNames].sort(),
    );
  });

  test.each(Object.entries(exact))("%s is on unless it is switched off, and changes no bit", async (name, build) => {
    const made = async (rewrites: CompileOptions["rewrites"]): Promise<[bits: Int32Array, memory: number]> => {
      const graph = new Graph();
      const y = build(graph);
      const session = await compile(graph, rewrites && { rewrites });
      return [bitsOf(session.run({ y }).y), session.memoryBytes];
    };
    const [on, memory] = await made(undefined);
    expect(await made({ [name]: true })).toEqual([on, memory]);
    const [off, memoryOff] = await made({ [name]: false });
    expect(off).toEqual(on);
    expect(memoryOff).toBeGreaterThan(memory);
  });

  test.each(Object.entries(samples))("%s is on unless it is switched off", async (name, build) => {
    const bits = async (rewrites: CompileOptions["rewrites"]): Promise<Int32Array> => {
      const graph = new Graph();
      const y = build(graph);
      return bitsOf((await compile(graph, rewrites && { rewrites })).run({ y }).y);
    };
    const on = await bits(undefined);
    expect(await bits({ [name]: true })).toEqual(on);
    expect(await bits({ [name]: false })).not.toEqual(on);
    for (const other of rewriteNames.filter((each) => each !== name))
      expect(await bits({ [other]: false })).toEqual(on);
  });

  test("an unknown one is refused", async () => {
    expect(await failureOf(() => compile(new Graph(), { rewrites: { collapse: false } as never }))).toEqual({
      code: "ARGUMENT",
      message: `compile: rewrites: there is no option "collapse"; there are ${rewriteNames.join(", ")}`,
    });
  });
});

describe("options", () => {
  test.each([
    ["seed", { seed: -1 }, "seed"],
    ["seed", { seed: 1.5 }, "seed"],
    ["seed", { seed: 2 ** 53 }, "seed"],
    ["threads", { threads: 0 }, "threads is 0"],
    ["threads", { threads: 257 }, "threads is 257"],
    ["threads", { threads: "all" as never }, "threads is all"],
  ])("a bad %s is refused: %j", async (_, options, says) => {
    const { code, message } = await failureOf(() => compile(new Graph(), options));
    expect(code).toBe("ARGUMENT");
    expect(message).toContain(says);
  });

  test("kernels that are none are refused", async () => {
    const { code, message } = await failureOf(() => compile(new Graph(), { bytes: new Uint8Array(8) }));
    expect(code).toBe("UNSUPPORTED");
    expect(message).toContain("kernels");
  });

  test("threads make no difference to the bits", async () => {
    const graph = new Graph();
    const y = matMul(
      graph.getVariable("a", [5, 6], { kind: "normal", stddev: 1 }),
      graph.getVariable("b", [6, 3], { kind: "normal", stddev: 1 }),
    );
    const bits = async (threads: number | "auto"): Promise<Int32Array> =>
      bitsOf((await compile(graph, { threads })).run({ y }).y);
    expect(await bits("auto")).toEqual(await bits(1));
    expect(await bits(4)).toEqual(await bits(1));
  });
});
