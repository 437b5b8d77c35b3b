// Every operation's shape rule: with the batch not known yet, and for inputs that must be refused.
import { describe, expect, test } from "vitest";
import { Graph } from "../../src/engine/graph/graph.ts";
import type { Tensor } from "../../src/engine/graph/tensor.ts";
import { allOps } from "../support/all-ops.ts";
import * as ops from "../../src/engine/ops/index.ts";
import type { PartialShape } from "../../src/engine/shape.ts";
import { failureOf } from "../support/failure.ts";
import { refusals } from "./refusals.ts";

const { add, concat, conv2d, matMul, reshape, slice } = ops;

/** Placeholders of these shapes. */
function tensors(...shapes: readonly PartialShape[]): Tensor[] {
  const graph = new Graph();
  return shapes.map((shape, i) => graph.placeholder(`x${i}`, shape));
}

describe("an unknown batch", () => {
  const rows: readonly (readonly [string, readonly PartialShape[], (...x: Tensor[]) => Tensor, PartialShape])[] = [
    ["add", [[null, 3], [3]], (a, b) => add(a, b), [null, 3]],
    [
      "add, both unknown",
      [
        [null, 3],
        [null, 1],
      ],
      (a, b) => add(a, b),
      [null, 3],
    ],
    [
      "add, known beside unknown",
      [
        [null, 3],
        [5, 3],
      ],
      (a, b) => add(a, b),
      [5, 3],
    ],
    [
      "matMul",
      [
        [null, 3],
        [3, 4],
      ],
      (a, b) => matMul(a, b),
      [null, 4],
    ],
    [
      "matMul, transposed",
      [
        [3, null],
        [3, 4],
      ],
      (a, b) => matMul(a, b, { transposeA: true }),
      [null, 4],
    ],
    ["addBias", [[null, 4], [4]], (a, b) => ops.addBias(a, b), [null, 4]],
    [
      "conv2d",
      [
        [null, 28, 28, 1],
        [5, 5, 1, 32],
      ],
      (x, f) => conv2d(x, f, { strides: 2 }),
      [null, 14, 14, 32],
    ],
    [
      "conv2d of unknown height",
      [
        [1, null, 28, 1],
        [3, 3, 1, 2],
      ],
      (x, f) => conv2d(x, f),
      [1, null, 28, 2],
    ],
    [
      "conv2dTranspose",
      [
        [null, 14, 14, 2],
        [5, 5, 3, 2],
      ],
      (x, f) => ops.conv2dTranspose(x, f, { strides: 2 }),
      [null, 28, 28, 3],
    ],
    [
      "conv2dTranspose of unknown height, VALID",
      [
        [1, null, 4, 2],
        [3, 3, 1, 2],
      ],
      (x, f) => ops.conv2dTranspose(x, f, { strides: 2, padding: "valid" }),
      [1, null, 9, 1],
    ],
    [
      "conv2dTranspose of unknown height with an output shape",
      [
        [1, null, 4, 2],
        [3, 3, 1, 2],
      ],
      (x, f) => ops.conv2dTranspose(x, f, { strides: 2, outputShape: [7, 8] }),
      [1, 7, 8, 1],
    ],
    ["avgPool", [[null, 5, 4, 3]], (x) => ops.avgPool(x), [null, 3, 2, 3]],
    ["maxPool", [[null, 5, 4, 3]], (x) => ops.maxPool(x, { padding: "valid" }), [null, 2, 2, 3]],
    ["resizeBilinear", [[null, 5, 4, 3]], (x) => ops.resizeBilinear(x, [7, 9]), [null, 7, 9, 3]],
    ["batchNorm", [[null, 5, 4, 3], [3]], (x, b) => ops.batchNorm(x, b), [null, 5, 4, 3]],
    ["reshape to −1", [[null, 8]], (x) => reshape(x, [-1, 2, 4]), [null, 2, 4]],
    ["reshape to a known size", [[null, 8]], (x) => reshape(x, [3, 8]), [3, 8]],
    ["transpose", [[null, 8]], (x) => ops.transpose(x), [8, null]],
    [
      "concat along it",
      [
        [null, 8],
        [2, 8],
      ],
      (...x) => concat(x, 0),
      [null, 8],
    ],
    [
      "concat beside it",
      [
        [null, 8],
        [null, 3],
      ],
      (...x) => concat(x, 1),
      [null, 11],
    ],
    ["slice", [[null, 8]], (x) => slice(x, [0, 2], [-1, 3]), [null, 3]],
    ["pad", [[null, 8]], (x) => ops.pad(x, [[0, 0], [1, 1]]), [null, 10]], // prettier-ignore
    ["sum over it", [[null, 8]], (x) => ops.sum(x, { axes: [0] }), [8]],
    ["mean beside it", [[null, 8]], (x) => ops.mean(x, { axes: [-1], keepDims: true }), [null, 1]],
    ["max of all", [[null, 8]], (x) => ops.max(x), []],
    [
      "sigmoidCrossEntropy",
      [
        [null, 1],
        [null, 1],
      ],
      (x, t) => ops.sigmoidCrossEntropy(x, t),
      [null, 1],
    ],
    [
      "softmaxCrossEntropy",
      [
        [null, 9],
        [null, 9],
      ],
      (x, t) => ops.softmaxCrossEntropy(x, t),
      [null],
    ],
    ["relu", [[null, 9]], (x) => ops.relu(x), [null, 9]],
    ["onesLike", [[null, 9]], (x) => ops.onesLike(x), [null, 9]],
  ];

  test.each(rows)("%s", (_, shapes, apply, want) => {
    expect(apply(...tensors(...shapes)).shape).toEqual(want);
  });
});

describe("the result of every case", () => {
  test.each(allOps.map((op) => [op.name, op] as const))("%s", (_, definition) => {
    for (const { inputs, attributes } of definition.cases()) {
      const shape = definition.shape(inputs, attributes);
      expect(shape.every((dim) => Number.isInteger(dim) && dim! >= 1)).toBe(true);
      // If the first axis of all inputs is unknown, the result's known axes equal those that it has with known inputs.
      const open = inputs.map((input) => input.map((dim, axis) => (axis === 0 ? null : dim)));
      expect(fits(() => definition.shape(open, attributes), shape)).toBe(true);
    }
  });

  /** Tells whether a partial shape allows the known one. Rules that need a known axis may refuse. */
  function fits(rule: () => PartialShape, known: PartialShape): boolean {
    try {
      const partial = rule();
      return partial.length === known.length && partial.every((dim, axis) => dim === null || dim === known[axis]);
    } catch (error) {
      return (error as Error).message.includes("unknown axis");
    }
  }
});

describe("refused", () => {
  test.each(refusals)("$op: $what", async ({ op, shapes, apply, code, says }) => {
    const inputs = tensors(...shapes);
    const { length } = inputs[0]?.graph.nodes ?? [];
    const failure = await failureOf(() => apply(...inputs));
    expect(failure.code).toBe(code);
    expect(failure.message.startsWith(`${op}: `), failure.message).toBe(true);
    expect(failure.message).toContain(says);
    expect(inputs[0]?.graph.nodes.length).toBe(length === 0 ? undefined : length);
  });

  test("something of every operation that has a rule to break", () => {
    // These operations take any input.
    const unruled = [
      "neg",
      "exp",
      "log",
      "sqrt",
      "square",
      "abs",
      "relu",
      "sigmoid",
      "tanh",
      "softplus",
      "gelu",
      "onesLike",
      "zerosLike",
    ];
    const operations = Object.keys(ops).filter((name) => !unruled.includes(name));
    expect([...new Set(refusals.map(({ op }) => op))].sort()).toEqual([...operations, ...fusedOperations].sort());
  });

  const fusedOperations = ["addAt", "broadcastTo", "equal", "greaterEqual"];
});
