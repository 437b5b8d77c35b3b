import { describe, expect, test } from "vitest";
import { compile, Graph, nn, type Tensor } from "../../src/index.ts";
import { failureOf } from "../support/failure.ts";

/** Names and shapes of all variables. */
const described = (graph: Graph): [string, readonly number[]][] =>
  [...graph.variables.values()].map(({ name, shape }) => [name, shape]);

describe("dense", () => {
  test("is x·weights + bias, on variables under its name and the scopes around it", async () => {
    const graph = new Graph();
    const x = graph.placeholder("x", [null, 2]);
    const y = graph.variableScope("model", {}, () => nn.dense(x, "out", 3));
    expect(y.shape).toEqual([null, 3]);
    expect(described(graph)).toEqual([
      ["model/out/weights", [2, 3]],
      ["model/out/bias", [3]],
    ]);
    const session = await compile(graph);
    session.variables.set("model/out/weights", [1, 2, 3, 10, 20, 30]);
    session.variables.set("model/out/bias", [0.5, 0, -0.5]);
    const { y: rows } = session.run({ y }, { x: [1, 0, 2, 1] });
    expect(rows).toEqual(Float32Array.of(1.5, 2, 2.5, 12.5, 24, 35.5));
  });

  test("begins with a truncated normal of σ 0.02 and zeros, or with what it is given", async () => {
    const graph = new Graph();
    const x = graph.placeholder("x", [null, 50]);
    nn.dense(x, "plain", 40);
    nn.dense(x, "given", 2, { weights: nn.constant(0.25), bias: nn.constant(-1) });
    const { variables } = await compile(graph);
    const weights = variables.get("plain/weights");
    expect(weights.every((value) => Math.abs(value) <= Math.fround(0.04))).toBe(true);
    expect(new Set(weights).size).toBeGreaterThan(1900);
    expect(variables.get("plain/bias")).toEqual(new Float32Array(40));
    expect(variables.get("given/weights")).toEqual(new Float32Array(100).fill(0.25));
    expect(variables.get("given/bias")).toEqual(Float32Array.of(-1, -1));
  });

  test("shares its variables in a scope that reuses", () => {
    const graph = new Graph();
    const [a, b] = [graph.placeholder("a", [null, 4]), graph.placeholder("b", [3, 4])];
    nn.dense(a, "layer", 2);
    graph.variableScope("", { reuse: true }, () => nn.dense(b, "layer", 2));
    expect(graph.variables.size).toBe(2);
  });
});

describe("convolution", () => {
  test("is conv2d(x, filter) + bias, on variables under its name", async () => {
    const graph = new Graph();
    const x = graph.placeholder("x", [null, 3, 3, 1]);
    const y = nn.convolution(x, "edges", 2, { window: 2, padding: "valid" });
    expect(y.shape).toEqual([null, 2, 2, 2]);
    expect(described(graph)).toEqual([
      ["edges/filter", [2, 2, 1, 2]],
      ["edges/bias", [2]],
    ]);
    const session = await compile(graph);
    // Feature 0: right minus left in the upper row. Feature 1: the lower left pixel.
    session.variables.set("edges/filter", [-1, 0, 1, 0, 0, 1, 0, 0]);
    session.variables.set("edges/bias", [0, 0.5]);
    const { y: maps } = session.run({ y }, { x: [1, 2, 4, 8, 16, 32, 64, 128, 256] });
    expect(maps).toEqual(Float32Array.of(1, 8.5, 2, 16.5, 8, 64.5, 16, 128.5));
  });

  test("has windows of 3 by 3 unless told otherwise, and strides and padding of conv2d", () => {
    const graph = new Graph();
    const x = graph.placeholder("x", [2, 28, 28, 3]);
    const shapes = [
      nn.convolution(x, "a", 4, { padding: "same" }),
      nn.convolution(x, "b", 5, { window: [1, 5], strides: 2, padding: "same" }),
    ].map(({ shape }) => shape);
    expect(shapes).toEqual([
      [2, 28, 28, 4],
      [2, 14, 14, 5],
    ]);
    expect(described(graph)).toEqual([
      ["a/filter", [3, 3, 3, 4]],
      ["a/bias", [4]],
      ["b/filter", [1, 5, 3, 5]],
      ["b/bias", [5]],
    ]);
  });
});

describe("convolutionTranspose", () => {
  test("is conv2dTranspose(x, filter) + bias, on variables under its name", async () => {
    const graph = new Graph();
    const x = graph.placeholder("x", [null, 1, 2, 1]);
    const y = nn.convolutionTranspose(x, "up", 2, { window: [1, 3], strides: [1, 2] });
    expect(y.shape).toEqual([null, 1, 4, 2]);
    expect(described(graph)).toEqual([
      ["up/filter", [1, 3, 2, 1]],
      ["up/bias", [2]],
    ]);
    const session = await compile(graph);
    // SAME of 4 pixels, 2 apart: windows begin at pixels 0 and 2, and the last one is cut off.
    session.variables.set("up/filter", [1, 0, 10, 0, 100, 1]);
    session.variables.set("up/bias", [0, 0.5]);
    const { y: maps } = session.run({ y }, { x: [1, 2] });
    expect(maps).toEqual(Float32Array.of(1, 0.5, 10, 0.5, 102, 1.5, 20, 0.5));
  });

  test("has windows of 3 by 3 unless told otherwise, and the sizes of conv2dTranspose", () => {
    const graph = new Graph();
    const x = graph.placeholder("x", [2, 7, 7, 3]);
    const shapes = [
      nn.convolutionTranspose(x, "a", 4),
      nn.convolutionTranspose(x, "b", 5, { window: [1, 5], strides: 2, padding: "valid" }),
      nn.convolutionTranspose(x, "c", 1, { strides: 2, outputShape: [13, 14] }),
    ].map(({ shape }) => shape);
    expect(shapes).toEqual([
      [2, 7, 7, 4],
      [2, 14, 17, 5],
      [2, 13, 14, 1],
    ]);
    expect(described(graph).map(([, shape]) => shape)).toEqual([
      [3, 3, 4, 3],
      [4],
      [1, 5, 5, 3],
      [5],
      [3, 3, 1, 3],
      [1],
    ]);
  });
});

describe("bad layers", () => {
  const graph = new Graph();
  const rows = graph.placeholder("rows", [null, 4]);
  const open = graph.placeholder("open", [4, null]);
  const image = graph.placeholder("image", [null, 8, 8, 3]);
  nn.dense(rows, "taken", 2);

  const cases: [what: string, code: string, message: RegExp, build: () => Tensor][] = [
    [
      "an image for rows",
      "SHAPE",
      /^dense a: x \[\?,8,8,3\] is not \[batch, features\] of known width$/,
      () => nn.dense(image, "a", 2),
    ],
    ["rows of unknown width", "SHAPE", /^dense b: x \[4,\?\] is not/, () => nn.dense(open, "b", 2)],
    ["no units", "ARGUMENT", /^dense c: units is 0, not an integer ≥ 1$/, () => nn.dense(rows, "c", 0)],
    ["half a unit", "ARGUMENT", /^dense d: units is 1.5, not an integer ≥ 1$/, () => nn.dense(rows, "d", 1.5)],
    ["a name in use", "VARIABLE", /^variable taken\/weights \[4,2\] exists already/, () => nn.dense(rows, "taken", 2)],
    [
      "rows for an image",
      "SHAPE",
      /^convolution f: x \[\?,4\] is not \[batch, height, width, known channels\]$/,
      () => nn.convolution(rows, "f", 2),
    ],
    [
      "no channels",
      "ARGUMENT",
      /^convolution g: channels is 0, not an integer ≥ 1$/,
      () => nn.convolution(image, "g", 0),
    ],
    ["a window of 0", "ARGUMENT", /^convolution h: window/, () => nn.convolution(image, "h", 2, { window: 0 })],
    [
      "rows for an image to enlarge",
      "SHAPE",
      /^convolutionTranspose j: x \[\?,4\] is not \[batch, height, width, known channels\]$/,
      () => nn.convolutionTranspose(rows, "j", 2),
    ],
    [
      "no channels to enlarge to",
      "ARGUMENT",
      /^convolutionTranspose k: channels is 0, not an integer ≥ 1$/,
      () => nn.convolutionTranspose(image, "k", 0),
    ],
    [
      "a size that no window gives",
      "SHAPE",
      /^conv2dTranspose: of outputShape \[20,16\]/,
      () => nn.convolutionTranspose(image, "l", 2, { strides: 2, outputShape: [20, 16] }),
    ],
    ["an unknown padding", "ARGUMENT", /padding/, () => nn.convolution(image, "i", 2, { padding: "half" as "same" })],
    ["no name", "ARGUMENT", /name/, () => nn.dense(rows, "a b", 2)],
  ];

  test.each(cases)("%s → %s", async (_, code, message, build) => {
    const failure = await failureOf(build);
    expect(failure.message).toMatch(message);
    expect(failure.code).toBe(code);
  });

  test("leave the scope as it was", () => {
    expect(() => nn.dense(rows, "after", 2)).not.toThrow();
    expect(graph.variables.has("after/weights")).toBe(true);
  });
});

describe("initializers", () => {
  test.each([
    ["normal", (): unknown => nn.normal(-1), "normal: stddev -1 is not a finite number ≥ 0"],
    [
      "truncatedNormal",
      (): unknown => nn.truncatedNormal(NaN),
      "truncatedNormal: stddev NaN is not a finite number ≥ 0",
    ],
    ["constant", (): unknown => nn.constant(Infinity), "constant: value Infinity is not a finite number"],
  ])("%s refuses what is no number", async (_, make, message) => {
    expect(await failureOf(make)).toEqual({ code: "ARGUMENT", message });
  });

  test("normal and truncatedNormal scale with σ, and follow the seed and the name", async () => {
    const graph = new Graph();
    const n = 20_000;
    graph.getVariable("normal", [n], nn.normal(3));
    graph.getVariable("same/normal", [n], nn.normal(3));
    graph.getVariable("truncated", [n], nn.truncatedNormal(3));
    const [session, again, other] = [
      await compile(graph, { seed: 1 }),
      await compile(graph, { seed: 1 }),
      await compile(graph, { seed: 2 }),
    ];
    const deviation = (name: string): number =>
      Math.sqrt(session.variables.get(name).reduce((sum, value) => sum + value * value, 0) / n);
    expect(Math.abs(deviation("normal") - 3)).toBeLessThan(0.08);
    expect(Math.abs(deviation("truncated") - 3 * 0.8796)).toBeLessThan(0.08);
    expect(session.variables.get("normal").some((value) => Math.abs(value) > 6)).toBe(true);
    expect(session.variables.get("truncated").some((value) => Math.abs(value) > 6)).toBe(false);
    expect(again.variables.get("normal")).toEqual(session.variables.get("normal"));
    expect(other.variables.get("normal")).not.toEqual(session.variables.get("normal"));
    expect(session.variables.get("same/normal")).not.toEqual(session.variables.get("normal"));
  });
});
