// Adam in a session, against its definition in float64, and its state.
import { beforeEach, describe, expect, test } from "vitest";
import { Graph } from "../../src/engine/graph/graph.ts";
import type { Tensor, Variable } from "../../src/engine/graph/tensor.ts";
import type { Update } from "../../src/engine/graph/update.ts";
import { add, mul, square, sub, sum, tanh } from "../../src/engine/ops/index.ts";
import { adam, type Adam, type AdamSettings } from "../../src/engine/optim/index.ts";
import { compile } from "../../src/engine/session/compile.ts";
import type { OptimizerState } from "../../src/engine/session/optimizer-values.ts";
import type { Session } from "../../src/engine/session/session.ts";
import { bitsOf } from "../support/bits.ts";
import { failureOf } from "../support/failure.ts";
import { ReferenceAdam } from "../support/reference/adam.ts";
import { UNIT } from "../support/reference/reference.ts";
import "../support/to-be-close.ts";

const SIZE = 11;

/** Two variables, a loss whose gradient changes during the run, and the step that lowers it. */
interface Model {
  readonly graph: Graph;
  readonly loss: Tensor;
  readonly variables: readonly Variable[];
  readonly optimizer: Adam;
  readonly step: Update;
}

function model(settings: Partial<AdamSettings> = {}): Model {
  const graph = new Graph();
  const a = graph.getVariable("a", [SIZE], { kind: "normal", stddev: 1 });
  const b = graph.getVariable("b", [SIZE], { kind: "normal", stddev: 1 });
  const target = graph.placeholder("target", [SIZE]);
  const loss = sum(square(sub(add(tanh(a), mul(a, b)), target)));
  const optimizer = adam({ learningRate: 0.02, ...settings });
  return { graph, loss, variables: [a, b], optimizer, step: optimizer.minimize(loss, [a, b]) };
}

/** The state of the optimizer named "adam". */
function adamOf(session: Session): OptimizerState {
  return session.state().optimizers.adam!;
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
    const { graph, variables, optimizer, step } = model(settings);
    const session = await compile(graph);
    const states = variables.map(() => new ReferenceAdam(optimizer, SIZE));
    const want = variables.map(({ name }) => Float64Array.from(session.variables.get(name)));
    for (let k = 0; k < 20; k++) {
      // The gradients are the session's own, so that Adam alone is compared.
      const fetched = session.run({ step, a: step.gradients[0]!, b: step.gradients[1]! }, feeds(k));
      [fetched.a, fetched.b].forEach((g, i) => states[i]!.step(want[i]!, g as Float32Array));
    }
    const { t, slots } = adamOf(session);
    expect(t).toBe(20);
    variables.forEach(({ name }, i) => {
      // Each step rounds w, and its own error is some ulp. Cancellation in m is measured by the largest m.
      const weight = want[i]!.map((value) => 20 * (UNIT * Math.abs(value) + 8 * UNIT * optimizer.learningRate));
      const largest = Math.max(...states[i]!.m.map(Math.abs));
      expect(session.variables.get(name)).toBeClose(name, { values: want[i]!, bound: weight });
      expect(slots.m!.get(name)!).toBeClose(`m of ${name}`, {
        values: states[i]!.m,
        bound: want[i]!.map(() => 8 * UNIT * largest),
      });
      expect(slots.v!.get(name)!).toBeClose(`v of ${name}`, {
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
    const { t, slots } = adamOf(one);
    const entries = [...slots.m!, ...slots.v!].map(([name, values]) => [name, bitsOf(values)]);
    return { t, entries, weights: parts.variables.map(({ name }) => bitsOf(one.variables.get(name))) };
  }

  test("restored into another session, training goes on bit by bit", async () => {
    train(session, 0, 9);
    const state = session.state();
    train(session, 9, 20);

    const resumed = await compile(parts.graph, { seed: 99 });
    resumed.restore(state);
    train(resumed, 9, 20);
    expect(bits(resumed)).toEqual(bits(session));

    const amnesiac = await compile(parts.graph);
    for (const [name, values] of state.variables) amnesiac.variables.set(name, values);
    train(amnesiac, 9, 20);
    expect(bits(amnesiac)).not.toEqual(bits(session));
  });

  test("can be taken back in the same session", () => {
    train(session, 0, 4);
    const [state, before] = [session.state(), bits(session)];
    train(session, 4, 7);
    session.restore(state);
    expect(bits(session)).toEqual(before);
  });

  test("is a copy", () => {
    train(session, 0, 2);
    const { variables, optimizers } = session.state();
    const before = bits(session);
    variables.get("a")!.fill(9);
    optimizers.adam!.slots.m!.get("a")!.fill(9);
    expect(bits(session)).toEqual(before);
  });

  test("before the first step is t = 0 without moments, and restoring that begins anew", async () => {
    const start = session.state();
    expect(start.optimizers).toEqual({ adam: { t: 0, slots: { m: new Map(), v: new Map() } } });
    train(session, 0, 3);
    const { variables } = session.state();
    session.restore({ variables, optimizers: start.optimizers });
    const fresh = await compile(parts.graph);
    for (const [name, values] of variables) fresh.variables.set(name, values);
    train(session, 5, 8);
    train(fresh, 5, 8);
    expect(bits(session)).toEqual(bits(fresh));
  });

  test("t may be large", () => {
    train(session, 0, 1);
    session.restore({ ...session.state(), optimizers: { adam: { ...adamOf(session), t: 1_000_000 } } });
    train(session, 1, 2);
    expect(adamOf(session).t).toBe(1_000_001);
    for (const { name } of parts.variables) expect(session.variables.get(name).every(Number.isFinite)).toBe(true);
  });

  const moments = (value: number, size = SIZE, names = ["a", "b"]): Map<string, Float32Array> =>
    new Map(names.map((name) => [name, new Float32Array(size).fill(value)]));
  const state = (t: number, slots: object): OptimizerState => ({
    t,
    slots: { m: moments(0.1), v: moments(0.1), ...slots },
  });

  test.each([
    ["a negative t", state(-1, {}), "ARGUMENT", "t is -1, not an integer ≥ 0"],
    ["half a t", state(1.5, {}), "ARGUMENT", "t is 1.5"],
    ["no m", state(3, { m: undefined }), "ARGUMENT", "m is not a Map"],
    ["nothing", undefined, "ARGUMENT", "t is undefined"],
    ["one variable's m only", state(3, { m: moments(0, SIZE, ["a"]) }), "SHAPE", "m has 1 entries for 2 variables"],
    [
      "another variable's v",
      state(3, { v: moments(0, SIZE, ["a", "c"]) }),
      "SHAPE",
      "v of b [11]: 0 values were given",
    ],
    ["a wrong length", state(3, { m: moments(0, 3) }), "SHAPE", "m of a [11]: 3 values were given, 11 are needed"],
    ["NaN", state(3, { m: moments(NaN) }), "ARGUMENT", "m of a [11]: value 0 is NaN"],
    ["a v below 0", state(3, { v: moments(-1) }), "ARGUMENT", "v of a: value 0 is -1"],
    ["moments missing at t > 0", state(3, { m: new Map(), v: new Map() }), "SHAPE", "0 entries for 2 variables"],
  ] as const)("with %s is refused and changes nothing", async (_, state, code, says) => {
    train(session, 0, 2);
    const before = bits(session);
    const variables = new Map(parts.variables.map(({ name }) => [name, new Float32Array(SIZE)]));
    const failure = await failureOf(() => session.restore({ variables, optimizers: { adam: state as never } }));
    expect(failure.code).toBe(code);
    expect(failure.message).toContain(`optimizer adam: `);
    expect(failure.message).toContain(says);
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
    const { adam: first, other: second } = session.state().optimizers;
    expect([first!.t, second!.t]).toEqual([2, 1]);
    expect(first!.slots.m!.get("a")).not.toEqual(second!.slots.m!.get("a"));
  });

  test("of one graph have another state in each session", async () => {
    const { graph, step } = model();
    const [one, two] = [await compile(graph), await compile(graph)];
    one.run({ step }, feeds(0));
    expect([adamOf(one).t, adamOf(two).t]).toEqual([1, 0]);
    two.run({ step }, feeds(0));
    expect(bitsOf(one.variables.get("a"))).toEqual(bitsOf(two.variables.get("a")));
  });

  test("moments below 2⁻¹⁰⁰ become 0 instead of subnormal", async () => {
    const graph = new Graph();
    const w = graph.getVariable("w", [3], { kind: "constant", value: 1 });
    const step = adam({ learningRate: 0.1 }).minimize(sum(mul(w, graph.constant([1e-29, 1e-20, 1e-3]))), [w]);
    const session = await compile(graph);
    session.run({ step });
    const { m, v } = adamOf(session).slots;
    expect([...m!.get("w")!].map((value) => value > 0)).toEqual([true, true, true]);
    expect([...v!.get("w")!].map((value) => value > 0)).toEqual([false, false, true]);
  });
});
