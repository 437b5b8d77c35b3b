// Placeholders, constants and nodes.
import { describe, expect, test } from "vitest";
import { Graph } from "../../src/engine/graph/graph.ts";
import { add, neg } from "../../src/engine/ops/index.ts";
import { failureOf } from "../support/failure.ts";

describe("placeholders", () => {
  test("have a name, a shape, and at most one open axis", () => {
    const graph = new Graph();
    const x = graph.placeholder("x", [null, 28, 28, 1]);
    expect([x.name, x.shape, `${x}`]).toEqual(["x", [null, 28, 28, 1], "x [?,28,28,1]"]);
    expect(graph.placeholders.get("x")).toBe(x);
  });

  test.each([
    [
      "a name in use",
      (graph: Graph) => graph.placeholder("x", [3]),
      "ARGUMENT",
      'placeholder: the name "x" is in use already',
    ],
    ["an empty name", (graph: Graph) => graph.placeholder("", [3]), "ARGUMENT", 'placeholder: name "" is not a text'],
    [
      "two open axes",
      (graph: Graph) => graph.placeholder("y", [null, null]),
      "ARGUMENT",
      "placeholder y: more than one axis is null",
    ],
    [
      "an axis of 0",
      (graph: Graph) => graph.placeholder("y", [0]),
      "SHAPE",
      "placeholder y: shape [0] is not made of integers ≥ 1",
    ],
    ["half an axis", (graph: Graph) => graph.placeholder("y", [2.5]), "SHAPE", "placeholder y: shape [2.5]"],
    ["nine axes", (graph: Graph) => graph.placeholder("y", new Array<number>(9).fill(1)), "SHAPE", "at most 8"],
  ] as const)("cannot have %s", async (_, act, code, message) => {
    const graph = new Graph();
    graph.placeholder("x", [2]);
    const failure = await failureOf(() => act(graph));
    expect(failure.code).toBe(code);
    expect(failure.message).toContain(message);
  });
});

describe("constants", () => {
  test("are scalars, vectors, or of the shape given", () => {
    const graph = new Graph();
    expect(graph.constant(3).shape).toEqual([]);
    expect(graph.constant([1, 2, 3]).shape).toEqual([3]);
    expect(graph.constant([1, 2, 3, 4], [2, 2]).shape).toEqual([2, 2]);
  });

  test.each([
    ["too few values", [1, 2, 3], [2, 2], "ARGUMENT", "constant: 3 values do not fill shape [2,2]"],
    ["no value", [], [0], "SHAPE", "constant: shape [0]"],
  ] as const)("cannot have %s", async (_, values, shape, code, message) => {
    const failure = await failureOf(() => new Graph().constant(values, shape));
    expect(failure.code).toBe(code);
    expect(failure.message).toContain(message);
  });
});

describe("nodes", () => {
  test("are named after their operation and number", () => {
    const graph = new Graph();
    const x = graph.placeholder("x", [2, null]);
    expect(`${neg(x)}`).toBe("neg_1 [2,?]");
    expect(graph.nodes.map(({ id }) => id)).toEqual([0, 1]);
  });

  test("join tensors of one graph only", async () => {
    const [a, b] = [new Graph().placeholder("a", [2]), new Graph().placeholder("b", [2])];
    expect(await failureOf(() => add(a, b))).toEqual({
      code: "GRAPH",
      message: "add: input b [2] belongs to another graph",
    });
  });

  test.each([
    ["the first", () => add(3 as never, new Graph().placeholder("b", [2])), "add: 3 is not a tensor"],
    ["the second", () => add(new Graph().placeholder("a", [2]), undefined as never), "add: undefined is not a tensor"],
  ])("take tensors: %s is none", async (_, act, message) => {
    expect(await failureOf(act)).toEqual({ code: "ARGUMENT", message });
  });

  test("a failed one leaves the graph as it was", () => {
    const graph = new Graph();
    const [a, b] = [graph.placeholder("a", [2]), graph.placeholder("b", [3])];
    expect(() => add(a, b)).toThrow("do not broadcast");
    expect(graph.nodes).toHaveLength(2);
  });
});
