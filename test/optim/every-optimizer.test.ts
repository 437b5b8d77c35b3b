// The rules that every optimizer must follow, whatever its formula is. An optimizer that is exported and not listed
// here fails.
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Graph, nn, ops, optim, type Update } from "../../src/index.ts";
import { compileKernels, instantiateOn } from "../../src/engine/runtime/kernels.ts";
import { layoutOfVariable } from "../../src/engine/session/layout.ts";
import { Session } from "../../src/engine/session/session.ts";
import { Buffer, type Layout } from "../../src/engine/program/buffer.ts";
import { bitsOf } from "../support/bits.ts";
import { compiled, nameOf } from "../support/compiled.ts";
import { failureOf } from "../support/failure.ts";
import { randomSource } from "../support/random.ts";
import { TakingTurns } from "../threads/taking-turns.ts";

/** Settings that together use every slot of an optimizer, and none that is optional. */
const SETTINGS: { readonly [K in keyof typeof optim]: readonly Parameters<(typeof optim)[K]>[0][] } = {
  adam: [{ learningRate: 0.05 }],
  rmsprop: [{ learningRate: 0.02 }, { learningRate: 0.002, momentum: 0.9 }],
  sgd: [
    { learningRate: 2 },
    { learningRate: 0.2, momentum: 0.9 },
    { learningRate: 0.2, momentum: 0.9, nesterov: true },
  ],
};

const listed = Object.entries(SETTINGS).flatMap(([name, variants]) =>
  variants.map((options) => [name as keyof typeof optim, options] as const),
);

const [ROWS, INNER, COLUMNS] = [5, 37, 48];

interface Layer {
  readonly graph: Graph;
  readonly loss: ReturnType<typeof ops.mean>;
  readonly update: Update;
}

/** mean((x·w + b)²), w in panels unless told otherwise. */
function layer(name: keyof typeof optim, options: object, layout: "panels" | "plain" = "panels"): Layer {
  const graph = new Graph();
  const x = graph.placeholder("x", [null, INNER]);
  const w = graph.getVariable("w", [INNER, COLUMNS], nn.normal(0.3));
  const b = graph.getVariable("b", [COLUMNS], nn.constant(0.5));
  const loss = ops.mean(ops.square(ops.addBias(ops.matMul(x, w), b)));
  if (layout === "plain") ops.neg(w);
  expect(layoutOfVariable(graph, w)).toBe(layout);
  const make = optim[name] as (options: object) => optim.Adam;
  return { graph, loss, update: make(options).minimize(loss, [w, b]) };
}

/** A session. If it has several threads, they take turns. */
async function sessionOf({ graph }: Layer, { seed = 7, threads = 1 } = {}): Promise<Session> {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const kernels = await instantiateOn(await compileKernels({}), memory);
  const pool = threads === 1 ? undefined : new TakingTurns(kernels, threads);
  return new Session(graph, { kernels, memory, ...(pool && { pool }) }, { seed, rewrites: {} });
}

/** Trains from step `from` up to step `to`, which is excluded; returns the losses. */
function train(session: Session, { loss, update }: Layer, from: number, to: number): unknown[] {
  return Array.from({ length: to - from }, (_, k) => {
    const random = randomSource(from + k);
    const x = Float32Array.from({ length: ROWS * INNER }, () => 2 * random() - 1);
    return session.run({ loss, update }, { x }).loss;
  });
}

/** All arrays of a state, by name, as bits. */
function stateBits(session: Session): Map<string, unknown> {
  const { variables, optimizers } = session.state();
  const bits = new Map<string, unknown>([...variables].map(([name, values]) => [name, bitsOf(values)]));
  for (const [optimizer, { t, slots }] of Object.entries(optimizers)) {
    bits.set(`${optimizer}/t`, t);
    for (const [slot, values] of Object.entries(slots)) {
      for (const [name, each] of values) bits.set(`${optimizer}/${slot}/${name}`, bitsOf(each));
    }
  }
  return bits;
}

test.each(Object.keys(optim))("%s has settings here, and a test of its formulas and its kernel", (name) => {
  expect(Object.keys(SETTINGS), `SETTINGS of test/optim/every-optimizer.test.ts lack ${name}`).toContain(name);
  for (const folder of ["optim", "kernels"]) {
    const path = `test/${folder}/${name}.test.ts`;
    expect(existsSync(new URL(`../../${path}`, import.meta.url)), `${path} is missing`).toBe(true);
  }
});

describe.each(listed)("%s %j", (name, options) => {
  const made = layer(name, options);
  const { name: key, slots } = made.update.optimizer;
  const slotNames = slots.map((slot) => slot.name);

  test("lowers a loss, and keeps its slots of every variable", async () => {
    const session = await sessionOf(made);
    expect(session.state().optimizers[key]!.t).toBe(0);
    const losses = train(session, made, 0, 30);
    expect(losses.at(-1)).toBeLessThan((losses[0] as number) / 2);
    const { t, slots } = session.state().optimizers[key]!;
    expect(t).toBe(30);
    expect(Object.keys(slots)).toEqual(slotNames);
    for (const slot of slotNames) {
      expect([...slots[slot]!].map(([name, values]) => [name, values.length])).toEqual([
        ["w", INNER * COLUMNS],
        ["b", COLUMNS],
      ]);
      expect(
        slots[slot]!.get("w")!.some((value) => value !== 0),
        `${slot} is used`,
      ).toBe(true);
    }
  });

  test("restored, goes on with the same bits", async () => {
    const [first, second] = [await sessionOf(made), await sessionOf(made, { seed: 8 })];
    train(second, made, 20, 22);
    train(first, made, 0, 3);
    const state = first.state();
    second.restore(state);
    expect(stateBits(second)).toEqual(stateBits(first));
    const losses = train(first, made, 3, 6);
    expect(train(second, made, 3, 6)).toEqual(losses);
    expect(stateBits(second)).toEqual(stateBits(first));
    first.restore(state);
    expect(train(first, made, 3, 6)).toEqual(losses);
    expect(stateBits(first)).toEqual(stateBits(second));
  });

  test("restored to the start, forgets what it learnt", async () => {
    const [used, fresh] = [await sessionOf(made), await sessionOf(made)];
    const start = fresh.state();
    train(used, made, 0, 3);
    used.restore(start);
    expect(stateBits(used)).toEqual(stateBits(fresh));
    expect(train(used, made, 3, 5)).toEqual(train(fresh, made, 3, 5));
    expect(stateBits(used)).toEqual(stateBits(fresh));
  });

  test("works on slots and a gradient that lie in panels where the variable does, without a copy", () => {
    const layoutOf = (variable: string): Layout => (variable === "w" ? "panels" : "plain");
    const { calls } = compiled([made.update], { feedShapes: { x: [ROWS, INNER] }, layoutOf });
    expect(calls.filter(({ kernel }) => kernel === "unpackPanels")).toEqual([]);
    for (const [variable, layout] of Object.entries({ w: "panels", b: "plain" })) {
      const own = calls.filter(({ origin }) => origin === `${made.update.optimizer.name} of ${variable}`);
      expect(own, "one kernel call").toHaveLength(1);
      const buffers = own[0]!.args.filter((arg) => arg instanceof Buffer);
      const tensors = buffers.filter(({ storage }) => storage.resident?.kind !== "scalar");
      expect(tensors.map((buffer) => buffer.layout)).toEqual(tensors.map(() => layout));
      const kept = tensors.map(({ storage }) => storage.resident).filter((resident) => resident !== undefined);
      expect(kept.map(nameOf)).toEqual([variable, ...slotNames.map((slot) => `${name}/${slot}/${variable}`)]);
    }
  });

  test("has the same bits where a variable and its slots lie in panels", async () => {
    const plain = layer(name, options, "plain");
    const [one, two] = [await sessionOf(made), await sessionOf(plain)];
    expect(train(two, plain, 0, 4)).toEqual(train(one, made, 0, 4));
    expect(stateBits(two)).toEqual(stateBits(one));
  });

  test.each([2, 3, 7])("has the same bits on %i threads", async (threads) => {
    const [one, several] = [await sessionOf(made), await sessionOf(made, { threads })];
    expect(train(several, made, 0, 4)).toEqual(train(one, made, 0, 4));
    expect(stateBits(several)).toEqual(stateBits(one));
  });

  test("a view of its state is the state, and takes no memory", async () => {
    const session = await sessionOf(made);
    train(session, made, 0, 2);
    const { memoryBytes } = session;
    const [state, view] = [session.state(), session.stateView()];
    expect(Object.keys(view.optimizers)).toEqual([key]);
    for (const [variable, values] of state.variables) expect(view.variables.get(variable)).toEqual(values);
    for (const slot of slotNames) {
      for (const [variable, values] of state.optimizers[key]!.slots[slot]!) {
        expect(view.optimizers[key]!.slots[slot]!.get(variable)).toEqual(values);
      }
    }
    expect(session.memoryBytes).toBe(memoryBytes);
    const other = await sessionOf(made, { seed: 8 });
    other.restore(view);
    expect(stateBits(other)).toEqual(stateBits(session));
  });

  test("refuses a state that is damaged, and changes nothing", async () => {
    const session = await sessionOf(made);
    train(session, made, 0, 2);
    const [good, before] = [session.state(), stateBits(session)];
    const { t, slots: own } = good.optimizers[key]!;
    const below = new Float32Array(INNER * COLUMNS).fill(-1);
    const damages: [message: string, optimizers: object][] = [
      [`optimizer ${key}: t is undefined`, {}],
      [`optimizer ${key}: t is 0.5`, { [key]: { t: 0.5, slots: own } }],
      [`optimizer ${key}: slots is null`, { [key]: { t, slots: null } }],
      [`optimizer ${key}: it has no slot "hat"`, { [key]: { t, slots: { ...own, hat: new Map() } } }],
      [`optimizer "other" does not exist; the graph has ${key}`, { ...good.optimizers, other: { t, slots: {} } }],
      ...slots.map(({ name: slot }): [string, object] => [
        `optimizer ${key}: ${slot} has 0 entries for 2 variables`,
        { [key]: { t, slots: { ...own, [slot]: new Map() } } },
      ]),
      ...slots
        .filter(({ least }) => least !== undefined)
        .map(({ name: slot }): [string, object] => [
          `optimizer ${key}: ${slot} of w: value 0 is -1, below 0`,
          { [key]: { t, slots: { ...own, [slot]: new Map([...own[slot]!, ["w", below]]) } } },
        ]),
    ];
    const variables = new Map([...good.variables].map(([name, values]) => [name, values.map(() => 9)]));
    for (const [message, optimizers] of damages) {
      const failure = await failureOf(() => session.restore({ variables, optimizers } as never));
      expect(failure.message).toContain(message);
    }
    expect(stateBits(session)).toEqual(before);
  });
});

describe("names", () => {
  test("of two optimizers in one graph are made unique in the order of their first updates", () => {
    const { graph, loss } = layer("sgd", { learningRate: 0.1 });
    const [w, b] = [...graph.variables.values()];
    const [one, two] = [optim.sgd({ learningRate: 0.1 }), optim.adam({ learningRate: 0.1, name: "sgd" })];
    two.minimize(loss, [w!]);
    one.minimize(loss, [b!]);
    two.minimize(loss, [b!, w!]);
    const entered = [...graph.optimizers].map(([name, { optimizer, variables }]) => [
      name,
      optimizer,
      variables.map((variable) => variable.name),
    ]);
    expect(entered.slice(1)).toEqual([
      ["sgd_1", two, ["w", "b"]],
      ["sgd_2", one, ["b"]],
    ]);
  });
});
