// Values that a caller in plain JavaScript may pass against the types. Each gives a typed error of one line, never a
// TypeError.
import { beforeEach, describe, expect, test } from "vitest";
import {
  compile,
  gradients,
  Graph,
  nn,
  ops,
  optim,
  type Session,
  type Tensor,
  type Variable,
} from "../../src/index.ts";
import { failureOf } from "../support/failure.ts";

const wrong = (value: unknown): never => value as never;

let graph: Graph;
let x: Tensor;
let w: Variable;
let session: Session;

beforeEach(async () => {
  graph = new Graph();
  x = graph.placeholder("x", [2, 3]);
  w = graph.getVariable("w", [2, 3], nn.zeros());
  session = await compile(graph);
});

const calls: readonly (readonly [what: string, code: string, act: () => unknown])[] = [
  ["placeholder without a shape", "ARGUMENT", () => graph.placeholder("p", wrong(undefined))],
  ["placeholder of a number", "ARGUMENT", () => graph.placeholder("p", wrong(3))],
  ["getVariable of a text", "ARGUMENT", () => graph.getVariable("v", wrong("3"), nn.zeros())],
  ["variableScope without options", "ARGUMENT", () => graph.variableScope("s", wrong(undefined), () => 1)],
  ["variableScope with a misspelt option", "ARGUMENT", () => graph.variableScope("s", wrong({ Reuse: 1 }), () => 1)],
  ["variableScope without a body", "ARGUMENT", () => graph.variableScope("s", {}, wrong(undefined))],
  ["constant of nothing", "ARGUMENT", () => graph.constant(wrong(undefined))],
  ["constant of texts", "ARGUMENT", () => graph.constant(wrong(["1"]))],
  ["sum with axes that are a number", "ARGUMENT", () => ops.sum(x, { axes: wrong(0) })],
  ["mean with null", "ARGUMENT", () => ops.mean(x, wrong(null))],
  ["max with a misspelt option", "ARGUMENT", () => ops.max(x, wrong({ axis: [0] }))],
  ["reshape to a number", "ARGUMENT", () => ops.reshape(x, wrong(6))],
  ["transpose of nothing", "ARGUMENT", () => ops.transpose(wrong(undefined))],
  ["transpose by a number", "ARGUMENT", () => ops.transpose(x, wrong(1))],
  ["concat of one tensor", "ARGUMENT", () => ops.concat(wrong(x), 0)],
  ["concat of numbers", "ARGUMENT", () => ops.concat(wrong([1, 2]), 0)],
  ["slice without begin", "ARGUMENT", () => ops.slice(x, wrong(undefined), [1, 1])],
  ["slice of a number", "ARGUMENT", () => ops.slice(wrong(1), [0], [1])],
  ["pad without paddings", "ARGUMENT", () => ops.pad(x, wrong(undefined))],
  ["matMul with null", "ARGUMENT", () => ops.matMul(x, x, wrong(null))],
  ["leakyRelu with a number", "ARGUMENT", () => ops.leakyRelu(x, wrong(0.1))],
  ["conv2d with strides of text", "ARGUMENT", () => ops.conv2d(x, x, { strides: wrong("2") })],
  ["conv2d with a misspelt option", "ARGUMENT", () => ops.conv2d(x, x, wrong({ stride: 2 }))],
  ["avgPool with a null window", "ARGUMENT", () => ops.avgPool(x, { window: wrong(null) })],
  ["maxPool with null", "ARGUMENT", () => ops.maxPool(x, wrong(null))],
  ["resizeBilinear to a number", "ARGUMENT", () => ops.resizeBilinear(x, wrong(4))],
  [
    "batchNorm with an infinite epsilon",
    "ARGUMENT",
    () => ops.batchNorm(x, graph.getVariable("beta", [3], nn.zeros()), { epsilon: Infinity }),
  ],
  ["gradients of nothing", "ARGUMENT", () => gradients(wrong(undefined), [w])],
  ["gradients by one tensor", "ARGUMENT", () => gradients(ops.sum(w), wrong(w))],
  [
    "minimize without variables",
    "ARGUMENT",
    () => optim.adam({ learningRate: 1 }).minimize(ops.sum(w), wrong(undefined)),
  ],
  ["minimize over a placeholder", "GRAPH", () => optim.adam({ learningRate: 1 }).minimize(ops.sum(x), [wrong(x)])],
  ["minimize over a variable twice", "ARGUMENT", () => optim.adam({ learningRate: 1 }).minimize(ops.sum(w), [w, w])],
  ["run without fetches", "GRAPH", () => session.run(wrong(undefined))],
  ["run with null feeds", "ARGUMENT", () => session.run({ w }, wrong(null))],
  ["run with a feed of big integers", "ARGUMENT", () => session.run({ x }, { x: wrong(new BigInt64Array(6)) })],
  ["run with a feed of texts", "ARGUMENT", () => session.run({ x }, { x: wrong(["1", "2", "3", "4", "5", "6"]) })],
  ["compile with null rewrites", "ARGUMENT", () => compile(graph, { rewrites: wrong(null) })],
  ["compile of nothing", "ARGUMENT", () => compile(wrong(undefined))],
];

describe("plain JavaScript", () => {
  test.each(calls)("%s", async (_, code, act) => {
    expect((await failureOf(act)).code).toBe(code);
  });
});
