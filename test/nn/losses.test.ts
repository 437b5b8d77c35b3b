import { describe, expect, test } from "vitest";
import { compile, gradients, Graph, nn } from "../../src/index.ts";
import { failureOf } from "../support/failure.ts";

const LOGITS = [-30, -2, 0, 0.5, 40];

describe("binaryCrossEntropy", () => {
  test.each([0, 0.25, 1])("is the mean of −t·log σ(x) − (1 − t)·log(1 − σ(x)), t = %d", async (label) => {
    const graph = new Graph();
    const x = graph.placeholder("x", [null, 1]);
    const loss = nn.binaryCrossEntropy(x, label);
    expect(loss.shape).toEqual([]);
    const [dx] = gradients(loss, [x]);
    const session = await compile(graph);
    const got = session.run({ loss, dx: dx! }, { x: LOGITS });
    const exact = LOGITS.map((v) => Math.max(v, 0) - v * label + Math.log1p(Math.exp(-Math.abs(v))));
    const mean = exact.reduce((sum, value) => sum + value, 0) / exact.length;
    expect(Math.abs((got.loss as number) - mean)).toBeLessThan(1e-6 * (1 + mean));
    LOGITS.forEach((v, i) => {
      expect(Math.abs((got.dx as Float32Array)[i]! - (1 / (1 + Math.exp(-v)) - label) / 5)).toBeLessThan(1e-7);
    });
  });
});

describe("meanSquaredError", () => {
  test("is the mean of (a − b)², and its gradient 2(a − b)/n", async () => {
    const graph = new Graph();
    const [a, b] = [graph.placeholder("a", [null, 2]), graph.placeholder("b", [2])];
    const loss = nn.meanSquaredError(a, b);
    const [da, db] = gradients(loss, [a, b]);
    const session = await compile(graph);
    const got = session.run({ loss, da: da!, db: db! }, { a: [1, 2, 3, 5], b: [0, 1] });
    expect(got.loss).toBe((1 + 1 + 9 + 16) / 4);
    expect(got.da).toEqual(Float32Array.of(0.5, 0.5, 1.5, 2));
    expect(got.db).toEqual(Float32Array.of(-2, -2.5));
  });

  test("needs shapes that broadcast", async () => {
    const graph = new Graph();
    const [a, b] = [graph.placeholder("a", [null, 2]), graph.placeholder("b", [3])];
    expect((await failureOf(() => nn.meanSquaredError(a, b))).code).toBe("SHAPE");
  });
});
