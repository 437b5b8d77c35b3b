// The first proof, about calculus: it compares each operation's gradient with central differences, in float64.
import { describe, expect, test } from "vitest";
import { GraphError } from "../../src/engine/errors.ts";
import { Graph } from "../../src/engine/graph/graph.ts";
import { allOps } from "../support/all-ops.ts";
import { on } from "../../src/engine/ops/cases.ts";
import type { OpDefinition } from "../../src/engine/ops/define-op.ts";
import { scale } from "../../src/engine/ops/arithmetic.ts";
import {
  add,
  addBias,
  batchNorm,
  conv2d,
  exp,
  matMul,
  mean,
  mul,
  relu,
  resizeBilinear,
  sigmoid,
  square,
  sub,
  sum,
  tanh,
} from "../../src/engine/ops/index.ts";
import { matMulOp } from "../../src/engine/ops/mat-mul.ts";
import { squareOp } from "../../src/engine/ops/unary.ts";
import { sizeOf } from "../../src/engine/shape.ts";
import { checkDirection, checkGradients } from "../support/gradient-check.ts";
import { casesOf, opGraph } from "../support/op-graph.ts";
import { apartValues, randomSource } from "../support/random.ts";
import { weightedLoss } from "../support/weighted-loss.ts";

const onceOnly = allOps.filter(({ partOfGradient }) => partOfGradient === true);
const differentiable = allOps.filter((op) => !onceOnly.includes(op));

function checkCases(definition: OpDefinition): number {
  let compared = 0;
  for (const { label, opCase } of casesOf(definition)) {
    const { xs, y, given } = opGraph({ definition, opCase });
    compared += checkGradients(label, weightedLoss(y), xs, given);
  }
  return compared;
}

test.each(differentiable.map((op) => [op.name, op] as const))("the gradient of %s", (_, definition) => {
  const elements = definition
    .cases()
    .flatMap(({ inputs }) => inputs as readonly number[][])
    .map(sizeOf);
  expect(checkCases(definition)).toBe(elements.reduce((total, size) => total + size, 0));
});

test.each(onceOnly.map((op) => [op.name, op] as const))(
  "%s is part of a gradient: asking for its own is an error",
  (name, definition) => {
    const { xs, y, given } = opGraph({ definition, opCase: definition.cases()[0] });
    const check = (): number => checkGradients(name, weightedLoss(y), xs, given);
    expect(check).toThrow(GraphError);
    expect(check).toThrow(`${name}: it is part of a gradient`);
  },
);

test.each(differentiable.map((op) => [op.name, op] as const))(
  "%s gives a gradient to all inputs but those it is constant in",
  (_, op) => {
    for (const { label, opCase } of casesOf(op)) {
      const { xs, y } = opGraph({ definition: op, opCase });
      const contributions = op.gradient(y, xs, opCase.attributes, y);
      expect(contributions.length, label).toBe(xs.length);
      const without = contributions.flatMap((dx, input) => (dx === null ? [input] : []));
      expect(without, label).toEqual(op.constantIn ?? []);
    }
  },
);

/** The gradient is 0, because with one class the probability is 1 for every logit. */
const NO_SLOPE = [0, 1].map((input) => `softmaxCrossEntropy case 1: [2,1] [2,1] {}, input ${input}`);

describe("the checker notices", () => {
  /** An operation whose gradient rule is wrong in its own way. */
  const wrong = (gradient: (typeof squareOp)["gradient"]): OpDefinition => ({ ...squareOp, gradient });

  test("nothing wrong with the right one", () => {
    expect(checkCases(wrong(squareOp.gradient))).toBe(15);
  });

  test.each(differentiable.filter(({ constantIn }) => constantIn === undefined).map((op) => [op.name, op] as const))(
    "a gradient of %s that is a thousandth wrong, of each input of each case, whatever has joined",
    (name, op) => {
      for (const { label, opCase } of casesOf(op)) {
        opCase.inputs.forEach((_, wrongInput) => {
          if (NO_SLOPE.includes(`${label}, input ${wrongInput}`)) return;
          const gradient: OpDefinition["gradient"] = (...args) =>
            op.gradient(...args).map((dx, input) => dx && (input === wrongInput ? scale(dx, 1.001) : dx));
          const check = (): number => checkCases({ ...op, cases: () => [opCase], gradient });
          expect(check, `${label}, input ${wrongInput}`).toThrow(`${name} case 0`);
        });
      }
    },
  );

  test("a gradient that is missing", () => {
    expect(() => checkCases(wrong(() => [null]))).toThrow("dLoss/dx0[0] is 0,");
  });

  test("two gradients in each other's place", () => {
    const definition = {
      ...matMulOp,
      cases: () => [on([3, 3], [3, 3], { transposeA: false, transposeB: false })],
      gradient: (...[dy, inputs, attributes, y]: Parameters<(typeof matMulOp)["gradient"]>) =>
        [...matMulOp.gradient(dy, inputs, attributes, y)].reverse(),
    } as unknown as OpDefinition;
    expect(() => checkCases(definition)).toThrow("matMul case 0");
  });

  test("one element in the wrong place", () => {
    const definition = wrong((dy, inputs, attributes, y) => {
      const dx = squareOp.gradient(dy, inputs, attributes, y)[0]!;
      const patch = Array.from({ length: 15 }, (_, i) => Number(i === 14) * 1e-3);
      return [add(dx, dx.graph.constant(patch, [3, 5]))];
    });
    expect(() => checkCases(definition)).toThrow("dLoss/dx0[14] is");
  });
});

describe("gradients that meet", () => {
  const random = randomSource(5);
  const values = (...shape: number[]): Float32Array => apartValues(random, sizeOf(shape), [-1.5, 1.5]);

  test("of an input that is used twice", () => {
    const graph = new Graph();
    const x = graph.placeholder("x", [2, 3]);
    expect(checkGradients("x·x + x", weightedLoss(add(mul(x, x), x)), [x], { x: values(2, 3) })).toBe(6);
    const both = sub(matMul(x, x, { transposeB: true }), sum(x));
    expect(checkGradients("x·xᵀ − Σx", weightedLoss(both), [x], { x: values(2, 3) })).toBe(6);
  });

  test("of a chain that forks and joins again", () => {
    const graph = new Graph();
    const x = graph.placeholder("x", [4]);
    const left = tanh(x);
    const right = mul(sigmoid(left), exp(x));
    expect(checkGradients("fork", weightedLoss(add(mul(left, right), left)), [x], { x: values(4) })).toBe(4);
  });

  test("of a variable that several losses share", () => {
    const graph = new Graph();
    const w = graph.getVariable("w", [3, 2], { kind: "constant", value: 0 });
    const [a, b] = [graph.placeholder("a", [4, 3]), graph.placeholder("b", [1, 3])];
    const given = { w: values(3, 2), a: values(4, 3), b: values(1, 3) };
    const first = weightedLoss(tanh(matMul(a, w)));
    const second = mean(square(matMul(b, w)));
    for (const [label, loss] of Object.entries({ first, second, both: add(first, second) })) {
      expect(checkGradients(label, loss, [w], given)).toBe(6);
    }
  });

  /** The shape of the GAN's middle: conv → batch norm → relu → resize → conv. */
  function chain(batch: number, size: number, channels: number): Parameters<typeof checkDirection>[1] {
    const graph = new Graph();
    const zero = { kind: "constant", value: 0 } as const;
    const x = graph.placeholder("x", [batch, size, size, 2]);
    const first = conv2d(x, graph.getVariable("w1", [3, 3, 2, channels], zero), { strides: 2 });
    const normal = batchNorm(
      addBias(first, graph.getVariable("b1", [channels], zero)),
      graph.getVariable("beta", [channels], zero),
    );
    const resized = resizeBilinear(relu(normal), [size, size]);
    return weightedLoss(conv2d(resized, graph.getVariable("w2", [3, 3, channels, 2], zero), { strides: 2 }));
  }

  test("of a chain of convolution, batch norm, relu, resize and convolution", () => {
    const loss = chain(2, 6, 3);
    const xs = [loss.graph.placeholders.get("x")!, ...loss.graph.variables.values()];
    const given = {
      x: values(2, 6, 6, 2),
      w1: values(3, 3, 2, 3),
      b1: values(3),
      beta: values(3),
      w2: values(3, 3, 3, 2),
    };
    expect(checkGradients("chain", loss, xs, given)).toBe(144 + 54 + 3 + 3 + 54);
  });

  test("of the same chain, larger, along one random direction", () => {
    const loss = chain(3, 14, 8);
    const given = {
      x: values(3, 14, 14, 2),
      w1: values(3, 3, 2, 8),
      b1: values(8),
      beta: values(8),
      w2: values(3, 3, 8, 2),
    };
    for (const x of [loss.graph.placeholders.get("x")!, ...loss.graph.variables.values()]) {
      const size = sizeOf(x.shape as number[]);
      const direction = Float64Array.from(apartValues(random, size, [-1, 1]), (value) => value / Math.sqrt(size));
      checkDirection("large chain", loss, x, given, direction);
    }
  });
});
