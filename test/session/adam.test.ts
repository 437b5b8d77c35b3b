// Adam in a session, against its definition in float64, and its state.
import { beforeEach, describe, expect, test } from "vitest";
import { Graph } from "../../src/engine/graph/graph.ts";
import type { Tensor, Variable } from "../../src/engine/graph/tensor.ts";
import type { AdamSettings, Update } from "../../src/engine/graph/update.ts";
import { add, mul, square, sub, sum, tanh } from "../../src/engine/ops/index.ts";
import { adam } from "../../src/engine/optim/index.ts";
import type { OptimizerState } from "../../src/engine/session/adam-slots.ts";
import { compile } from "../../src/engine/session/compile.ts";
import type { Session } from "../../src/engine/session/session.ts";
import { bitsOf } from "../support/bits.ts";
import { failureOf } from "../support/failure.ts";
import { ReferenceAdam } from "../support/reference/adam.ts";
import { UNIT } from "../support/reference/reference.ts";
import "../support/to-be-close.ts";

const SIZE = 11;

/** Two variables, a loss with a gradient that changes on the way, and the step that lowers it. */
interface Model {
  readonly graph: Graph;
  readonly loss: Tensor;
  readonly variables: readonly Variable[];
  readonly step: Update;
}

function model(settings: Partial<AdamSettings> = {}): Model {
  const graph = new Graph();
  const a = graph.getVariable("a", [SIZE], { kind: "normal", stddev: 1 });
  const b = graph.getVariable("b", [SIZE], { kind: "normal", stddev: 1 });
  const target = graph.placeholder("target", [SIZE]);
  const loss = sum(square(sub(add(tanh(a), mul(a, b)), target)));
  const step = adam({ learningRate: 0.02, ...settings }).minimize(loss, [a, b]);
  return { graph, loss, variables: [a, b], step };
}

const feeds = (k: number): { readonly target: Float32Array } => ({
  target: Float32Array.from({ length: SIZE }, (_, i) => Math.sin(1 + i * (k + 2))),
});

describe("twenty steps against float64", () => {
  test.each([
    ["the tutorial's", {}],
    ["the balanced recipe's", { beta1: 0.5 }],
    ["others", { learningRate: 0.1, beta1: 0, beta2: 0.9, epsilon: 1e-3 }],
  ])("with settings %s", async (_, settings) => {
    const { graph, variables, step } = model(settings);
    const session = await compile(graph);
    const { optimizer } = step;
    const states = variables.map(() => new ReferenceAdam(optimizer, SIZE));
    const want = variables.map(({ name }) => Float64Array.from(session.variables.get(name)));
    for (let k = 0; k < 20; k++) {
      // The gradients are the session's own, so that Adam alone is compared.
      const fetched = session.run({ step, a: step.gradients[0]!, b: step.gradients[1]! }, feeds(k));
      [fetched.a, fetched.b].forEach((g, i) => states[i]!.step(want[i]!, g as Float32Array));
    }
    const { t, m, v } = session.optimizerState(step);
    expect(t).toBe(20);
    variables.forEach(({ name }, i) => {
      // Each step rounds w, and is itself off by some ulp; what cancels in m is measured by the largest m.
      const weight = want[i]!.map((value) => 20 * (UNIT * Math.abs(value) + 8 * UNIT * optimizer.learningRate));
      const largest = Math.max(...states[i]!.m.map(Math.abs));
      expect(session.variables.get(name)).toBeClose(name, { values: want[i]!, bound: weight });
      expect(m.get(name)!).toBeClose(`m of ${name}`, {
        values: states[i]!.m,
        bound: want[i]!.map(() => 8 * UNIT * largest),
      });
      expect(v.get(name)!).toBeClose(`v of ${name}`, {
        values: states[i]!.v,
        bound: states[i]!.v.map((value) => 24 * UNIT * value),
      });
    });
  });
});

describe("state", () => {
  let parts: Model;
  let session: Session;

  beforeEach(async () => {
    parts = model();
    session = await compile(parts.graph);
  });

  function train(one: Session, from: number, to: number): void {
    for (let k = from; k < to; k++) one.run({ step: parts.step }, feeds(k));
  }

  function bits(one: Session): unknown {
    const { t, m, v } = one.optimizerState(parts.step);
    const entries = [...m, ...v].map(([name, values]) => [name, bitsOf(values)]);
    return { t, entries, weights: parts.variables.map(({ name }) => bitsOf(one.variables.get(name))) };
  }

  test("restored into another session, training goes on bit by bit", async () => {
    train(session, 0, 9);
    const weights = parts.variables.map(({ name }) => [name, session.variables.get(name)] as const);
    const state = session.optimizerState(parts.step);
    train(session, 9, 20);

    const resumed = await compile(parts.graph, { seed: 99 });
    for (const [name, values] of weights) resumed.variables.set(name, values);
    resumed.restoreOptimizerState(parts.step, state);
    train(resumed, 9, 20);
    expect(bits(resumed)).toEqual(bits(session));

    const amnesiac = await compile(parts.graph);
    for (const [name, values] of weights) amnesiac.variables.set(name, values);
    train(amnesiac, 9, 20);
    expect(bits(amnesiac)).not.toEqual(bits(session));
  });

  test("can be taken back in the same session", () => {
    train(session, 0, 4);
    const [state, before] = [session.optimizerState(parts.step), bits(session)];
    const weights = parts.variables.map(({ name }) => [name, session.variables.get(name)] as const);
    train(session, 4, 7);
    for (const [name, values] of weights) session.variables.set(name, values);
    session.restoreOptimizerState(parts.step, state);
    expect(bits(session)).toEqual(before);
  });

  test("is a copy", () => {
    train(session, 0, 2);
    const { m } = session.optimizerState(parts.step);
    const before = bits(session);
    m.get("a")!.fill(9);
    expect(bits(session)).toEqual(before);
  });

  test("before the first step is t = 0 without moments, and restoring that begins anew", async () => {
    const start = session.optimizerState(parts.step);
    expect(start).toEqual({ t: 0, m: new Map(), v: new Map() });
    train(session, 0, 3);
    session.restoreOptimizerState(parts.step, start);
    const fresh = await compile(parts.graph);
    for (const { name } of parts.variables) fresh.variables.set(name, session.variables.get(name));
    train(session, 5, 8);
    train(fresh, 5, 8);
    expect(bits(session)).toEqual(bits(fresh));
  });

  test("t may be large", () => {
    train(session, 0, 1);
    session.restoreOptimizerState(parts.step, { ...session.optimizerState(parts.step), t: 1_000_000 });
    train(session, 1, 2);
    expect(session.optimizerState(parts.step).t).toBe(1_000_001);
    for (const { name } of parts.variables) expect(session.variables.get(name).every(Number.isFinite)).toBe(true);
  });

  const moments = (value: number, size = SIZE, names = ["a", "b"]): Map<string, Float32Array> =>
    new Map(names.map((name) => [name, new Float32Array(size).fill(value)]));
  const good: OptimizerState = { t: 3, m: moments(0.1), v: moments(0.1) };

  test.each([
    ["a negative t", { ...good, t: -1 }, "ARGUMENT", "t is -1, not an integer ≥ 0"],
    ["half a t", { ...good, t: 1.5 }, "ARGUMENT", "t is 1.5"],
    ["no m", { ...good, m: undefined }, "ARGUMENT", "m and v are not both a Map"],
    ["nothing", undefined, "ARGUMENT", "t is undefined"],
    ["one variable's m only", { ...good, m: moments(0, SIZE, ["a"]) }, "SHAPE", "m has 1 entries for 2 variables"],
    ["another variable's v", { ...good, v: moments(0, SIZE, ["a", "c"]) }, "SHAPE", "v of b [11]: 0 values were given"],
    ["a wrong length", { ...good, m: moments(0, 3) }, "SHAPE", "m of a [11]: 3 values were given, 11 are needed"],
    ["NaN", { ...good, m: moments(NaN) }, "ARGUMENT", "m of a [11]: value 0 is NaN"],
    ["a v below 0", { ...good, v: moments(-1) }, "ARGUMENT", "v of a: value 0 is -1"],
    ["moments missing at t > 0", { t: 3, m: new Map(), v: new Map() }, "SHAPE", "0 entries for 2 variables"],
  ] as const)("with %s is refused and changes nothing", async (_, state, code, says) => {
    train(session, 0, 2);
    const before = bits(session);
    for (const use of ["checkOptimizerState", "restoreOptimizerState"] as const) {
      const failure = await failureOf(() => session[use](parts.step, state as never));
      expect(failure.code).toBe(code);
      expect(failure.message).toContain(`optimizer adam: `);
      expect(failure.message).toContain(says);
    }
    expect(bits(session)).toEqual(before);
  });
});

describe("optimizers", () => {
  test("keep states of their own, also over one variable", async () => {
    const { graph, loss, variables, step } = model();
    const other = adam({ name: "other", learningRate: 0.5 }).minimize(loss, variables);
    const session = await compile(graph);
    session.run({ step }, feeds(0));
    session.run({ step, other }, feeds(1));
    expect([session.optimizerState(step).t, session.optimizerState(other).t]).toEqual([2, 1]);
    expect(session.optimizerState(step).m.get("a")).not.toEqual(session.optimizerState(other).m.get("a"));
  });

  test("of one graph have another state in each session", async () => {
    const { graph, step } = model();
    const [one, two] = [await compile(graph), await compile(graph)];
    one.run({ step }, feeds(0));
    expect([one.optimizerState(step).t, two.optimizerState(step).t]).toEqual([1, 0]);
    two.run({ step }, feeds(0));
    expect(bitsOf(one.variables.get("a"))).toEqual(bitsOf(two.variables.get("a")));
  });

  test("moments below 2⁻¹⁰⁰ become 0 instead of subnormal", async () => {
    const graph = new Graph();
    const w = graph.getVariable("w", [3], { kind: "constant", value: 1 });
    const step = adam({ learningRate: 0.1 }).minimize(sum(mul(w, graph.constant([1e-29, 1e-20, 1e-3]))), [w]);
    const session = await compile(graph);
    session.run({ step });
    const { m, v } = session.optimizerState(step);
    expect([...m.get("w")!].map((value) => value > 0)).toEqual([true, true, true]);
    expect([...v.get("w")!].map((value) => value > 0)).toEqual([false, false, true]);
  });
});
