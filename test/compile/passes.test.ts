// The passes between a user's graph and the graph that is lowered.
import { describe, expect, test } from "vitest";
import { lowerableRoots } from "../../src/engine/compile/compile-program.ts";
import { countUses, inOrder } from "../../src/engine/compile/passes/traverse.ts";
import { SharedGraph } from "../../src/engine/compile/shared-graph.ts";
import { gradients } from "../../src/engine/graph/gradients.ts";
import { Graph, saved } from "../../src/engine/graph/graph.ts";
import type { Tensor } from "../../src/engine/graph/tensor.ts";
import { equal } from "../../src/engine/ops/arithmetic.ts";
import { add, batchNorm, maxPool, mul, neg, relu, sum, tanh } from "../../src/engine/ops/index.ts";
import { fillLike } from "../../src/engine/ops/fill-like.ts";
import { checkGradients } from "../support/gradient-check.ts";
import { failureOf } from "../support/failure.ts";

const names = (nodes: readonly Tensor[]): string[] => nodes.map(({ operation }) => operation.name);

function compiled(roots: readonly Tensor[], shapes: Readonly<Record<string, readonly number[]>> = {}): Tensor[] {
  return inOrder(lowerableRoots(roots, { feedShapes: new Map(Object.entries(shapes)), rewrites: {} }));
}

describe("order", () => {
  test("inputs come first, each node once, and nothing that no root needs", () => {
    const graph = new Graph();
    const x = graph.placeholder("x", [2]);
    const [a, b] = [tanh(x), neg(x)];
    relu(b);
    const y = add(mul(a, b), a);
    const order = inOrder([y, a]);
    expect(names(order)).toEqual(["placeholder", "tanh", "neg", "mul", "add"]);
    for (const node of order) {
      for (const input of node.inputs) expect(order.indexOf(input)).toBeLessThan(order.indexOf(node));
    }
  });

  test("a chain of 10,000 nodes does not exhaust the stack, nor does its gradient", () => {
    const graph = new Graph();
    const x = graph.placeholder("x", [1]);
    let y: Tensor = x;
    for (let i = 0; i < 10_000; i++) y = neg(y);
    expect(inOrder([y])).toHaveLength(10_001);
    const loss = sum(y);
    expect(compiled(gradients(loss, [x]), { x: [1] }).length).toBeGreaterThan(10_000);
  });

  test("uses count every input", () => {
    const graph = new Graph();
    const x = graph.placeholder("x", [2]);
    const y = mul(x, x);
    const uses = countUses([x, y, neg(x)]);
    expect(uses.get(x)).toBe(3);
    expect(uses.get(y)).toBeUndefined();
  });
});

describe("shared nodes", () => {
  test("the same operation on the same inputs with the same attributes is one node", () => {
    const graph = new Graph();
    const x = graph.placeholder("x", [3, 2]);
    const y = add(tanh(x), add(tanh(x), sum(x, { axes: [0] })));
    expect(names(compiled([y, sum(x, { axes: [0] }), sum(x, { axes: [1] })], { x: [3, 2] }))).toEqual(
      ["placeholder", "tanh", "sum", "add", "add", "sum"], // prettier-ignore
    );
  });

  test("constants of equal values but other arrays stay apart, one constant read twice is one", () => {
    const graph = new Graph();
    const [a, b] = [graph.constant([1, 2]), graph.constant([1, 2])];
    expect(names(compiled([add(a, b), neg(a)]))).toEqual(["constant", "constant", "add", "neg"]);
  });

  test("the graph itself shares what is applied to it", () => {
    const graph = new SharedGraph();
    const x = graph.placeholder("x", [2]);
    expect(tanh(x)).toBe(tanh(x));
    expect(fillLike(x, 1)).not.toBe(fillLike(x, 2));
  });
});

describe("shapes", () => {
  test("the fed shapes reach every node", () => {
    const graph = new Graph();
    const x = graph.placeholder("x", [null, 3]);
    const y = add(tanh(x), graph.constant([1, 2, 3]));
    expect(y.shape).toEqual([null, 3]);
    for (const batch of [1, 5]) {
      const nodes = compiled([y], { x: [batch, 3] });
      expect(nodes.at(-1)!.shape).toEqual([batch, 3]);
    }
  });

  test("fed shapes that do not fit each other are an error of the operation that joins them", async () => {
    const graph = new Graph();
    const y = add(graph.placeholder("a", [null, 3]), graph.placeholder("b", [null, 3]));
    expect(await failureOf(() => compiled([y], { a: [2, 3], b: [4, 3] }))).toEqual({
      code: "SHAPE",
      message: "add: a [2,3] and b [4,3] do not broadcast: axis 0 is 2 and 4, and neither is 1",
    });
  });

  test("a placeholder that is needed and was not fed is an error, one that is not needed is not", async () => {
    const graph = new Graph();
    const [a, b] = [graph.placeholder("a", [2]), graph.placeholder("b", [2])];
    expect(compiled([neg(a)], { a: [2] })).toHaveLength(2);
    expect(await failureOf(() => compiled([add(a, b)], { a: [2] }))).toEqual({
      code: "GRAPH",
      message: 'run: placeholder "b" is needed and was not fed',
    });
  });
});

describe("gradients", () => {
  test("what nobody reads is pruned: the gradient in one input needs none of the other", () => {
    const graph = new Graph();
    const [a, b] = [graph.placeholder("a", [2]), graph.placeholder("b", [2])];
    const loss = sum(mul(tanh(a), tanh(b)));
    expect(
      names(compiled(gradients(loss, [a]), { a: [2], b: [2] })).filter((name) => name === "tanhGrad"),
    ).toHaveLength(1);
  });

  test("requests for one loss share one backward pass", () => {
    const graph = new Graph();
    const [a, b] = [graph.placeholder("a", [2]), graph.placeholder("b", [2])];
    const loss = sum(tanh(mul(a, b)));
    const shared = compiled(gradients(loss, [a, b]), { a: [2], b: [2] });
    expect(names(shared).filter((name) => name === "tanhGrad")).toHaveLength(1);
    expect(names(shared)).not.toContain("gradient");
  });

  test("the gradient of a loss in itself is one", () => {
    const graph = new Graph();
    const x = graph.placeholder("x", []);
    expect(checkGradients("x", add(x, graph.constant(2)), [x], { x: [0.5] })).toBe(1);
  });

  const graph = new Graph();
  const x = graph.placeholder("x", [2]);
  const other = graph.getVariable("other", [2], { kind: "constant", value: 1 });
  const images = graph.placeholder("images", [1, 2, 2, 1]);

  test.each([
    ["a loss that is no scalar", () => gradients(tanh(x), [x]), "tanh_", "is not a scalar; take its mean or sum first"],
    [
      "a loss of unknown shape",
      () => gradients(graph.placeholder("n", [null]), [x]),
      "gradients: loss n ",
      "is not a scalar",
    ],
    [
      "something computed",
      () => gradients(sum(x), [tanh(x)]),
      "gradients: tanh_",
      "is neither a variable nor a placeholder",
    ],
    [
      "a tensor that the loss does not read",
      () => compiled(gradients(sum(x), [other]), { x: [2] }),
      "gradients:",
      "the loss does not depend on other",
    ],
    [
      "a tensor that only steps read",
      () => compiled(gradients(sum(equal(x, other)), [x]), { x: [2] }),
      "gradients:",
      "does not depend on x",
    ],
    [
      "a gradient of a gradient",
      () => compiled(gradients(sum(gradients(sum(tanh(x)), [x])[0]!), [x]), { x: [2] }),
      "gradients:",
      "a gradient cannot be differentiated again",
    ],
    [
      "what batch norm keeps",
      () =>
        compiled(gradients(sum(saved(batchNorm(images, fillLike(graph.constant([0]), 0)), 0)), [images]), {
          images: [1, 2, 2, 1],
        }),
      "saved:",
      "has no gradient itself",
    ],
    ["a kept result that is not there", () => saved(maxPool(images), 1), "maxPool_", "keeps no result number 1"],
  ] as const)("%s cannot be differentiated", async (_, act, named, rule) => {
    const { code, message } = await failureOf(act);
    expect(code).toBe("GRAPH");
    expect(message).toContain(rule);
    expect(message).toContain(named);
  });
});
