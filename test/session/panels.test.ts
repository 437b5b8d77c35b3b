// A dense layer's weights are stored in the panels that its products read. Callers must not notice it.
import { describe, expect, test } from "vitest";
import { Graph } from "../../src/engine/graph/graph.ts";
import { gradients } from "../../src/engine/graph/gradients.ts";
import type { Tensor, Variable } from "../../src/engine/graph/tensor.ts";
import { normal } from "../../src/engine/nn/index.ts";
import { matMul, mean, neg, relu, square, sum, transpose } from "../../src/engine/ops/index.ts";
import { adam } from "../../src/engine/optim/index.ts";
import { compile } from "../../src/engine/session/compile.ts";
import { layoutOfVariable } from "../../src/engine/session/layout.ts";
import { bitsOf } from "../support/bits.ts";
import { randomSource } from "../support/random.ts";

const [ROWS, INNER, COLUMNS] = [5, 37, 48];

interface Layer {
  readonly graph: Graph;
  readonly weights: Variable;
  readonly hidden: Tensor;
  readonly loss: Tensor;
}

function layer(): Layer {
  const graph = new Graph();
  const x = graph.placeholder("x", [null, INNER]);
  const weights = graph.getVariable("weights", [INNER, COLUMNS], normal(0.3));
  const hidden = relu(matMul(x, weights));
  return { graph, weights, hidden, loss: mean(square(hidden)) };
}

function feed(): Float32Array {
  const random = randomSource(3);
  return Float32Array.from({ length: ROWS * INNER }, () => 2 * random() - 1);
}

describe("layoutOfVariable", () => {
  test("panels for a matrix that only products read as their second factor", () => {
    const { graph, weights, loss } = layer();
    expect(layoutOfVariable(graph, weights)).toBe("panels");
    gradients(loss, [weights]);
    expect(layoutOfVariable(graph, weights)).toBe("panels");
  });

  test.each([
    ["another operation reads it", ({ weights }: Layer) => neg(weights)],
    ["a product reads it transposed", ({ weights, hidden }: Layer) => matMul(hidden, weights, { transposeB: true })],
    ["a product reads it as its first factor", ({ weights, hidden }: Layer) => matMul(weights, transpose(hidden))],
    ["a product multiplies it by itself", ({ weights }: Layer) => matMul(transpose(weights), weights)],
  ])("plain where %s", (_, read) => {
    const made = layer();
    read(made);
    expect(layoutOfVariable(made.graph, made.weights)).toBe("plain");
  });

  test("plain for other shapes, and for a variable that nobody reads", () => {
    const graph = new Graph();
    const x = graph.placeholder("x", [null, 4]);
    const narrow = graph.getVariable("narrow", [4, 17], normal(1));
    const unread = graph.getVariable("unread", [4, 16], normal(1));
    const vector = graph.getVariable("vector", [16], normal(1));
    matMul(x, narrow);
    neg(vector);
    for (const variable of [narrow, unread, vector]) expect(layoutOfVariable(graph, variable)).toBe("plain");
  });
});

describe("a variable in panels", () => {
  test("has the initial values, products and gradients of a plain one, and moves by the same updates", async () => {
    const results = [];
    for (const layout of ["panels", "plain"]) {
      const made = layer();
      if (layout === "plain") neg(made.weights);
      expect(layoutOfVariable(made.graph, made.weights)).toBe(layout);
      const update = adam({ learningRate: 0.1 }).minimize(made.loss, [made.weights]);
      const [dWeights] = gradients(made.loss, [made.weights]);
      const session = await compile(made.graph);
      const initial = session.variables.get("weights");
      const { hidden, gradient } = session.run({ hidden: made.hidden, gradient: dWeights! }, { x: feed() });
      for (let step = 0; step < 3; step++) session.run({ update }, { x: feed() });
      // The gradient has two readers, because it is fetched beside its update.
      session.run({ update, gradient: dWeights! }, { x: feed() });
      const { t, slots } = session.state().optimizers.adam!;
      expect(t).toBe(4);
      const moments = [slots.m!.get("weights")!, slots.v!.get("weights")!];
      results.push([initial, hidden, gradient, session.variables.get("weights"), ...moments].map(bitsOf));
      session.dispose();
    }
    expect(results[0]).toEqual(results[1]);
    expect(results[0]![3]).not.toEqual(results[0]![0]);
  });

  test("can be set, got, fetched and read by operations that were added later", async () => {
    const { graph, weights, hidden } = layer();
    const session = await compile(graph);
    const values = Float32Array.from({ length: INNER * COLUMNS }, (_, i) => i / 7);
    session.variables.set("weights", values);
    const before = session.run({ hidden }, { x: feed() }).hidden;
    const [negated, turned, total] = [neg(weights), transpose(weights), sum(weights)];
    const fetched = session.run({ weights, negated, turned, total, hidden }, { x: feed() });
    expect(bitsOf(session.variables.get("weights"))).toEqual(bitsOf(values));
    expect(bitsOf(fetched.weights)).toEqual(bitsOf(values));
    expect(bitsOf(fetched.negated)).toEqual(bitsOf(values.map((value) => -value)));
    expect((fetched.turned as Float32Array)[1]).toBe(values[COLUMNS]);
    expect(fetched.total).toBeCloseTo(
      values.reduce((a, b) => a + b, 0),
      0,
    );
    expect(bitsOf(fetched.hidden)).toEqual(bitsOf(before));
    session.dispose();
  });

  test("a restored optimizer goes on with the same bits", async () => {
    const made = layer();
    const update = adam({ learningRate: 0.1 }).minimize(made.loss, [made.weights]);
    const [first, second] = [await compile(made.graph), await compile(made.graph)];
    first.run({ update }, { x: feed() });
    second.restore(first.state());
    for (const session of [first, second]) session.run({ update }, { x: feed() });
    expect(bitsOf(second.variables.get("weights"))).toEqual(bitsOf(first.variables.get("weights")));
    first.dispose();
    second.dispose();
  });
});
