import { describe, expect, test } from "vitest";
import { compile, Graph, nn, ops, optim, type Session, type Tensor, type Variable } from "../../src/index.ts";
import { ReferenceAdam } from "../support/reference/adam.ts";
import { failureOf } from "../support/failure.ts";

/** loss = Σ (w − target)² / 2 with a variable w [3], whose gradient is w − target. */
function bowl(): { graph: Graph; w: Variable; loss: Tensor } {
  const graph = new Graph();
  const w = graph.getVariable("w", [3], nn.constant(1));
  const target = graph.placeholder("target", [3]);
  return { graph, w, loss: ops.mul(ops.sum(ops.square(ops.sub(w, target))), graph.constant(0.5)) };
}

/** Targets that differ from step to step, exact in float32. */
const targets = (k: number): number[] => [0.25 * (k % 3), -2, 0.5 + (k % 2)];

/** Runs the update `steps` times. */
function train(session: Session, update: ReturnType<optim.Adam["minimize"]>, from: number, to: number): void {
  for (let k = from; k < to; k++) session.run({ update }, { target: targets(k) });
}

describe("adam", () => {
  test.each([
    { learningRate: 0.05 },
    { learningRate: 0.01, beta1: 0.5, beta2: 0.99, epsilon: 1e-4 },
    { learningRate: 0.3, beta1: 0, beta2: 0.9 },
  ])("follows the paper's formulas in float64: %j", async (options) => {
    const { graph, w, loss } = bowl();
    const adam = optim.adam(options);
    const update = adam.minimize(loss, [w]);
    const session = await compile(graph);
    const reference = new ReferenceAdam(adam, 3);
    const exact = Float64Array.of(1, 1, 1);
    for (let k = 0; k < 60; k++) {
      session.run({ update }, { target: targets(k) });
      reference.step(
        exact,
        exact.map((value, i) => value - targets(k)[i]!),
      );
    }
    // Each step rounds w, its gradient, m and v once or twice. An error of 1 ulp stays in the sums and is not
    // amplified.
    session.variables.get("w").forEach((value, i) => {
      expect(Math.abs(value - exact[i]!), `w[${i}] ${value} ${exact[i]}`).toBeLessThan(60 * 2 ** -22);
    });
    const { t, slots } = session.state().optimizers.adam!;
    expect(t).toBe(60);
    slots.m!.get("w")!.forEach((value, i) => expect(Math.abs(value - reference.m[i]!)).toBeLessThan(60 * 2 ** -22));
    slots.v!.get("w")!.forEach((value, i) => expect(Math.abs(value - reference.v[i]!)).toBeLessThan(60 * 2 ** -20));
  });

  test("has TensorFlow's defaults", () => {
    expect(optim.adam({ learningRate: 0.1 })).toMatchObject({
      name: "adam",
      learningRate: 0.1,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
    });
  });

  const rate = "it must be a finite number above 0";
  test.each([
    [{ learningRate: 0 }, `adam: learningRate is 0; ${rate}`],
    [{ learningRate: -1 }, `adam: learningRate is -1; ${rate}`],
    [{ learningRate: NaN }, `adam: learningRate is NaN; ${rate}`],
    [{ learningRate: Infinity }, `adam: learningRate is Infinity; ${rate}`],
    [{ learningRate: "0.1" }, `adam: learningRate is 0.1; ${rate}`],
    [{}, `adam: learningRate is undefined; ${rate}`],
    [{ learningRate: 1e-60 }, `adam: learningRate is 1e-60; ${rate}`],
    [{ learningRate: 1e300 }, `adam: learningRate is 1e+300; ${rate}`],
    [{ learningRate: 0.1, epsilon: 1e-46 }, `adam: epsilon is 1e-46; ${rate}`],
    [{ learningRate: 0.1, beta1: 1 }, "adam: beta1 is 1; it must be a number in [0, 1)"],
    [{ learningRate: 0.1, beta1: -0.1, name: "dTrainer" }, "dTrainer: beta1 is -0.1; it must be a number in [0, 1)"],
    [{ learningRate: 0.1, beta2: NaN }, "adam: beta2 is NaN; it must be a number in [0, 1)"],
    [{ learningRate: 0.1, epsilon: 0 }, `adam: epsilon is 0; ${rate}`],
    [
      { learningRate: 0.1, beta_1: 0.5 },
      `adam: there is no option "beta_1"; there are learningRate, beta1, beta2, epsilon, name`,
    ],
    [undefined, "adam: the options are undefined, not an object"],
  ])("refuses %j", async (options, message) => {
    const failure = await failureOf(() => optim.adam(options as optim.AdamOptions));
    expect(failure).toEqual({ code: "ARGUMENT", message });
  });
});

describe("minimize", () => {
  test("needs a variable and a scalar loss of the same graph", async () => {
    const { w, loss } = bowl();
    const adam = optim.adam({ learningRate: 0.1 });
    expect(await failureOf(() => adam.minimize(loss, []))).toEqual({
      code: "ARGUMENT",
      message: "adam: there is no variable to train",
    });
    expect((await failureOf(() => adam.minimize(ops.square(w), [w]))).code).toBe("GRAPH");
    expect((await failureOf(() => adam.minimize(loss, [bowl().w]))).code).toBe("GRAPH");
    expect((await failureOf(() => adam.minimize(loss, [loss as never]))).code).toBe("GRAPH");
  });

  test("moves the listed variables only, and only when it is fetched", async () => {
    const { graph, w, loss } = bowl();
    const other = graph.getVariable("other", [3], nn.constant(2));
    const update = optim.adam({ learningRate: 0.1 }).minimize(ops.add(loss, ops.sum(other)), [w]);
    const session = await compile(graph);
    session.run({ loss }, { target: targets(0) });
    expect(session.variables.get("w")).toEqual(Float32Array.of(1, 1, 1));
    const { loss: before } = session.run({ loss, update }, { target: targets(0) });
    expect(before, "the loss before the update").toBe((1 + 9 + 0.25) / 2);
    expect(session.variables.get("w").every((value) => value !== 1)).toBe(true);
    expect(session.variables.get("other")).toEqual(Float32Array.of(2, 2, 2));
  });
});

describe("two updates in one run", () => {
  /** Adams of β 0, whose step is rate·sign(g): w → 1 ∓ rates, told apart by their sizes. */
  const plain = (learningRate: number): optim.Adam => optim.adam({ learningRate, beta1: 0, beta2: 0, epsilon: 1e-30 });

  test("read the variables as they were before the run, and apply in the order of the fetches", async () => {
    const { graph, w, loss } = bowl();
    const toTarget = plain(4).minimize(loss, [w]);
    const again = plain(0.5).minimize(loss, [w]);
    const session = await compile(graph);
    const { loss: seen } = session.run({ toTarget, again, loss }, { target: [0, 0, 0] });
    // Both gradients are taken at w = 1, so both lower w: 1 − 4 − 0.5. At −3 the second would have raised it.
    expect(session.variables.get("w")).toEqual(Float32Array.of(-3.5, -3.5, -3.5));
    expect(seen).toBe(1.5);
  });

  test("count and remember for themselves", async () => {
    const { graph, w, loss } = bowl();
    const [one, two] = [optim.adam({ learningRate: 0.1 }), optim.adam({ learningRate: 0.1 })].map((adam) =>
      adam.minimize(loss, [w]),
    );
    const session = await compile(graph);
    session.run({ one: one! }, { target: targets(0) });
    session.run({ one: one!, two: two! }, { target: targets(1) });
    const { optimizers } = session.state();
    expect(Object.entries(optimizers).map(([name, { t }]) => [name, t])).toEqual([
      ["adam", 2],
      ["adam_1", 1],
    ]);
    expect(optimizers.adam!.slots.m!.get("w")).not.toEqual(optimizers.adam_1!.slots.m!.get("w"));
  });

  test("of one optimizer are refused: its t would count twice", async () => {
    const { graph, w, loss } = bowl();
    const adam = optim.adam({ learningRate: 0.1 });
    const [one, two] = [adam.minimize(loss, [w]), adam.minimize(loss, [w])];
    const session = await compile(graph);
    const failure = await failureOf(() => session.run({ one, two }, { target: targets(0) }));
    expect(failure.code).toBe("GRAPH");
    expect(session.state().optimizers.adam!.t).toBe(0);
  });
});

describe("an optimizer's state", () => {
  test("goes to another session, which goes on with the same bits", async () => {
    const { graph, w, loss } = bowl();
    const update = optim.adam({ learningRate: 0.05 }).minimize(loss, [w]);
    const [first, second] = [await compile(graph), await compile(graph)];
    train(first, update, 0, 7);
    second.restore(first.state());
    expect(second.state()).toEqual(first.state());
    for (const session of [first, second]) train(session, update, 7, 15);
    expect(second.variables.get("w")).toEqual(first.variables.get("w"));
    expect(second.state()).toEqual(first.state());
  });

  test("is one, with one t, where it trains two lists of variables in turn", async () => {
    const { graph, w, loss } = bowl();
    const b = graph.getVariable("b", [3], nn.zeros());
    const adam = optim.adam({ learningRate: 0.05 });
    const [moveW, moveB] = [adam.minimize(loss, [w]), adam.minimize(ops.sum(ops.mul(b, w)), [b])];
    const session = await compile(graph);
    session.run({ moveW }, { target: targets(0) });
    const half = session.state();
    expect(half.optimizers.adam!.slots.m!.get("b"), "not yet trained").toEqual(new Float32Array(3));
    session.run({ moveB });
    const whole = session.state();
    const { t, slots } = whole.optimizers.adam!;
    expect([t, [...slots.m!.keys()], [...slots.v!.keys()]]).toEqual([2, ["w", "b"], ["w", "b"]]);
    session.restore(half);
    expect(session.state()).toEqual(half);
    session.run({ moveB });
    expect(session.state()).toEqual(whole);
  });

  test("of the start, t = 0 without moments, forgets what was learnt", async () => {
    const { graph, w, loss } = bowl();
    const update = optim.adam({ learningRate: 0.05 }).minimize(loss, [w]);
    const [used, fresh] = [await compile(graph), await compile(graph)];
    train(used, update, 0, 5);
    used.restore(fresh.state());
    for (const session of [used, fresh]) train(session, update, 5, 9);
    expect(used.variables.get("w")).toEqual(fresh.variables.get("w"));
  });

  test("that does not fit is refused and changes nothing", async () => {
    const { graph, w, loss } = bowl();
    const update = optim.adam({ learningRate: 0.05 }).minimize(loss, [w]);
    const session = await compile(graph);
    train(session, update, 0, 2);
    const good = session.state();
    const { t, slots } = good.optimizers.adam!;
    const bad = [
      { t: -1, slots },
      { t, slots: { ...slots, m: new Map() } },
      { t, slots: { ...slots, v: new Map([["w", new Float32Array(4)]]) } },
      { t, slots: { ...slots, v: new Map([["w", Float32Array.of(1, -1, 1)]]) } },
      { t, slots: { ...slots, m: new Map([["w", Float32Array.of(1, NaN, 1)]]) } },
    ];
    const variables = new Map([["w", Float32Array.of(7, 7, 7)]]);
    const failures = await Promise.all(
      bad.map((adam) => failureOf(() => session.restore({ variables, optimizers: { adam } }))),
    );
    expect(failures.map(({ code }) => code)).toEqual(["ARGUMENT", "SHAPE", "SHAPE", "ARGUMENT", "ARGUMENT"]);
    expect(session.state()).toEqual(good);
  });
});

test("an update belongs to its graph", async () => {
  const [own, other] = [bowl(), bowl()];
  const session = await compile(own.graph);
  const adam = optim.adam({ learningRate: 0.1 });
  session.run({ update: adam.minimize(own.loss, [own.w]) }, { target: targets(0) });
  const foreign = optim.adam({ learningRate: 0.1, name: "foreign" }).minimize(other.loss, [other.w]);
  expect(await failureOf(() => session.run({ foreign }, { target: targets(0) }))).toEqual({
    code: "GRAPH",
    message: "run: the update of optimizer foreign is neither a tensor nor an update of this session's graph",
  });
});
