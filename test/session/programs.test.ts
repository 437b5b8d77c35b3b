// Programs and their memory: compiled once for each set of fetches and shapes, sharing one arena.
import { describe, expect, test } from "vitest";
import { gradients } from "../../src/engine/graph/gradients.ts";
import { Graph } from "../../src/engine/graph/graph.ts";
import type { Tensor } from "../../src/engine/graph/tensor.ts";
import type { OpDefinition } from "../../src/engine/ops/define-op.ts";
import { matMul, mean, relu, reshape, square, sum, tanh } from "../../src/engine/ops/index.ts";
import { negOp } from "../../src/engine/ops/arithmetic.ts";
import { adam } from "../../src/engine/optim/index.ts";
import { compile } from "../../src/engine/session/compile.ts";
import type { Session } from "../../src/engine/session/session.ts";
import { bitsOf } from "../support/bits.ts";
import { failureOf } from "../support/failure.ts";

function network(): { readonly graph: Graph; readonly y: Tensor; readonly loss: Tensor } {
  const graph = new Graph();
  const x = graph.placeholder("x", [null, 7]);
  const weights = graph.getVariable("weights", [7, 5], { kind: "normal", stddev: 0.5 });
  const y = relu(matMul(tanh(x), weights));
  return { graph, y, loss: mean(square(y)) };
}

const batch = (rows: number): Float32Array => Float32Array.from({ length: 7 * rows }, (_, i) => Math.sin(i + 1));

function rowsOf(session: Session, y: Tensor, rows: number): Int32Array {
  return bitsOf(session.run({ y }, { x: batch(rows) }).y);
}

describe("other batch sizes", () => {
  test("give the same rows", async () => {
    const { graph, y } = network();
    const session = await compile(graph);
    const large = rowsOf(session, y, 9);
    for (const rows of [1, 2, 5, 8]) expect(rowsOf(session, y, rows)).toEqual(large.subarray(0, 5 * rows));
  });

  test("more of them than programs are kept still work, twice, and in the same memory", async () => {
    const { graph, y } = network();
    const session = await compile(graph);
    const sizes = Array.from({ length: 40 }, (_, i) => 40 - i);
    const first = sizes.map((rows) => rowsOf(session, y, rows));
    const { memoryBytes } = session;
    expect(sizes.map((rows) => rowsOf(session, y, rows))).toEqual(first);
    expect(session.memoryBytes).toBe(memoryBytes);
  });

  test("the sixteen used last are kept, and no other", async () => {
    let compiled = 0;
    const counting: OpDefinition<object, 1> = {
      ...negOp,
      lower(...args) {
        compiled++;
        negOp.lower(...args);
      },
    };
    const graph = new Graph();
    const y = graph.apply(counting, [graph.placeholder("x", [null])], {});
    const session = await compile(graph);
    const run = (rows: number): number => {
      const before = compiled;
      session.run({ y }, { x: new Float32Array(rows) });
      return compiled - before;
    };
    const sizes = Array.from({ length: 16 }, (_, i) => i + 1);
    expect(sizes.map(run)).toEqual(sizes.map(() => 1));
    expect(sizes.map(run)).toEqual(sizes.map(() => 0));
    run(1); // size 2 is now the one not used for longest
    expect(run(17)).toBe(1);
    expect([1, 3, 16, 17].map(run)).toEqual([0, 0, 0, 0]);
    expect(run(2)).toBe(1);
  });

  test("an update keeps its optimizer's state through programs that were dropped", async () => {
    const { graph, y, loss } = network();
    const step = adam({ learningRate: 0.01 }).minimize(loss, [...graph.variables.values()]);
    const [session, undisturbed] = [await compile(graph), await compile(graph)];
    for (let i = 0; i < 3; i++) {
      for (const each of [session, undisturbed]) each.run({ step }, { x: batch(4) });
      for (let rows = 1; rows <= 20; rows++) rowsOf(session, y, rows);
    }
    expect(session.state()).toEqual(undisturbed.state());
    expect(bitsOf(session.variables.get("weights"))).toEqual(bitsOf(undisturbed.variables.get("weights")));
  });
});

describe("memory", () => {
  test("does not grow by running again: 300 training steps", async () => {
    const { graph, loss } = network();
    const step = adam({ learningRate: 0.01 }).minimize(loss, [...graph.variables.values()]);
    const session = await compile(graph);
    session.run({ loss, step }, { x: batch(6) });
    const { memoryBytes } = session;
    const start = session.run({ loss }, { x: batch(6) }).loss as number;
    for (let i = 0; i < 300; i++) session.run({ loss, step }, { x: batch(6) });
    expect(session.memoryBytes).toBe(memoryBytes);
    expect(session.run({ loss }, { x: batch(6) }).loss).toBeLessThan(start / 2);
  });

  test("programs share one arena: a smaller one takes none of its own", async () => {
    const { graph, y } = network();
    const session = await compile(graph);
    rowsOf(session, y, 1);
    const small = session.memoryBytes;
    rowsOf(session, y, 64);
    const large = session.memoryBytes;
    expect(large).toBeGreaterThan(small + 64 * 7 * 4);
    rowsOf(session, y, 63);
    // Its tables (a few integers) are its own.
    expect(session.memoryBytes - large).toBeLessThan(512);
  });

  test("the arena may move under a compiled program: new variables and constants come before it", async () => {
    const { graph, y, loss } = network();
    const session = await compile(graph);
    const [weights] = [...graph.variables.values()];
    const before = [rowsOf(session, y, 3), session.run({ g: gradients(loss, [weights!])[0]! }, { x: batch(3) }).g];
    const gradient = gradients(loss, [weights!])[0]!;
    const first = session.run({ gradient }, { x: batch(3) }).gradient;
    const { memoryBytes } = session;

    const extra = graph.getVariable("extra", [5, 1000], { kind: "truncatedNormal", stddev: 1 });
    const constant = graph.constant(
      Float32Array.from({ length: 3000 }, (_, i) => i % 7),
      [1000, 3],
    );
    const far = sum(matMul(matMul(y, extra), constant));
    session.run({ far }, { x: batch(50) });
    expect(session.memoryBytes).toBeGreaterThan(memoryBytes + 4 * 8000);

    expect(rowsOf(session, y, 3)).toEqual(before[0]);
    expect(session.run({ gradient }, { x: batch(3) }).gradient).toEqual(first);
    expect(first).toEqual(before[1]);
  });

  test("numbers drawn in between disturb nothing", async () => {
    const { graph, y } = network();
    const session = await compile(graph);
    const before = rowsOf(session, y, 3);
    expect(session.normal(1, 2, 100_000)).toHaveLength(100_000);
    expect(rowsOf(session, y, 3)).toEqual(before);
  });

  test("generating alone costs no moments: they come with the first training step", async () => {
    const graph = new Graph();
    const w = graph.getVariable("w", [100_000], { kind: "constant", value: 1 });
    const y = reshape(w, [100, 1000]);
    const step = adam({ learningRate: 0.1 }).minimize(sum(w), [w]);
    const session = await compile(graph);
    expect(session.memoryBytes).toBeLessThan(4096);
    session.run({ total: sum(y) });
    expect(session.memoryBytes).toBeLessThan(1.1 * 400_000);
    session.run({ step });
    expect(session.memoryBytes).toBeGreaterThan(3 * 400_000);
  });
});

describe("a disposed session", () => {
  test("refuses everything but to be disposed again, and holds nothing", async () => {
    const { graph, y, loss } = network();
    const step = adam({ learningRate: 0.1 }).minimize(loss, [...graph.variables.values()]);
    const session = await compile(graph);
    session.run({ step }, { x: batch(2) });
    const [state, view] = [session.state(), session.stateView()];
    session.dispose();
    session.dispose();
    expect(session.memoryBytes).toBe(0);
    const uses: readonly (() => unknown)[] = [
      () => session.run({ y }, { x: batch(2) }),
      () => session.variables.get("weights"),
      () => session.variables.set("weights", new Float32Array(35)),
      () => session.normal(0, 0, 4),
      () => session.state(),
      () => session.stateView(),
      () => view.variables.get("weights"),
      () => view.optimizers.adam!.slots.m!.get("weights"),
      () => session.restore(state),
      () => (session.seed = 3),
    ];
    for (const use of uses) {
      expect(await failureOf(use)).toEqual({
        code: "DISPOSED",
        message: "the session was disposed and cannot be used any more",
      });
    }
  });

  test("leaves others of the same graph alone", async () => {
    const { graph, y } = network();
    const [one, two] = [await compile(graph), await compile(graph)];
    const before = rowsOf(two, y, 2);
    expect(rowsOf(one, y, 2)).toEqual(before);
    one.dispose();
    expect(rowsOf(two, y, 2)).toEqual(before);
  });
});
