// What `compile` takes.
import { describe, expect, test } from "vitest";
import { rewriteNames, type RewriteName } from "../../src/compile/rewrites/index.ts";
import { Graph } from "../../src/graph/graph.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { add, conv2d, matMul, resizeBilinear, sum } from "../../src/ops/index.ts";
import { compile, type CompileOptions } from "../../src/session/compile.ts";
import { bitsOf } from "../support/bits.ts";
import { failureOf } from "../support/failure.ts";

describe("rewrites", () => {
  /** y differs in its last bits with each of the rewrites on or off. */
  const samples: Readonly<Record<Exclude<RewriteName, "fuseBias">, (graph: Graph) => Tensor>> = {
    collapseResize(graph) {
      const x = graph.getVariable("x", [1, 9, 9, 5], { kind: "normal", stddev: 1 });
      const filter = graph.getVariable("filter", [3, 3, 5, 4], { kind: "normal", stddev: 1 });
      return conv2d(resizeBilinear(x, [18, 18]), filter, { strides: 2 });
    },
    accumulateProducts(graph) {
      const a = graph.getVariable("a", [40, 70], { kind: "normal", stddev: 1 });
      const b = graph.getVariable("b", [70, 40], { kind: "normal", stddev: 1 });
      return add(sum(a, { axes: [1], keepDims: true }), matMul(a, matMul(b, sum(a, { axes: [1], keepDims: true }))));
    },
  };

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
