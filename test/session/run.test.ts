// The semantics of a run: reads come before updates, updates in fetch order, and some fetches are refused.
import { beforeEach, describe, expect, test } from "vitest";
import { gradients } from "../../src/engine/graph/gradients.ts";
import { Graph } from "../../src/engine/graph/graph.ts";
import type { Placeholder, Variable } from "../../src/engine/graph/tensor.ts";
import type { Update } from "../../src/engine/graph/update.ts";
import { add, mul, neg, reshape, square, sum, tanh } from "../../src/engine/ops/index.ts";
import { adam } from "../../src/engine/optim/index.ts";
import { compile } from "../../src/engine/session/compile.ts";
import type { Session } from "../../src/engine/session/session.ts";
import { bitsOf } from "../support/bits.ts";
import { failureOf } from "../support/failure.ts";

/** A variable w [3], a placeholder x [?, 3], and two optimizers that move w to different places. */
interface Model {
  readonly graph: Graph;
  readonly w: Variable;
  readonly x: Placeholder;
  readonly first: Update;
  readonly second: Update;
}

function model(): Model {
  const graph = new Graph();
  const w = graph.getVariable("w", [3], { kind: "constant", value: 0 });
  const x = graph.placeholder("x", [null, 3]);
  // The first loss is linear: its gradient does not depend on w.
  const first = adam({ name: "first", learningRate: 0.01 }).minimize(sum(mul(w, graph.constant([1, -3, 0.5]))), [w]);
  const second = adam({ name: "second", learningRate: 0.003 }).minimize(sum(square(add(w, x))), [w]);
  return { graph, w, x, first, second };
}

const START = [0.1, 0.2, -0.3];
const feeds = { x: [0.5, -1, 2, 1, 1, 1] };

let session: Session;
let parts: Model;

beforeEach(async () => {
  parts = model();
  session = await startedSession();
});

async function startedSession(): Promise<Session> {
  const started = await compile(parts.graph);
  started.variables.set("w", START);
  return started;
}

describe("results", () => {
  test("have the names they were asked by, a scalar as a number, the rest as elements", () => {
    const { w, x } = parts;
    const results = session.run({ total: sum(w), sums: add(w, x), w }, feeds);
    expect(Object.keys(results)).toEqual(["total", "sums", "w"]);
    expect(results.total).toBeCloseTo(0, 6);
    expect(results.sums).toHaveLength(6);
    expect(results.w).toEqual(Float32Array.from(START));
  });

  test("are copies: the next run does not change them, nor do they change it", () => {
    const y = neg(parts.x);
    const one = session.run({ y }, { x: [1, 2, 3] }).y as Float32Array;
    const two = session.run({ y }, { x: [4, 5, 6] }).y as Float32Array;
    expect([...one]).toEqual([-1, -2, -3]);
    two.fill(0);
    expect([...(session.run({ y }, { x: [4, 5, 6] }).y as Float32Array)]).toEqual([-4, -5, -6]);
  });

  test("of the same tensor under two names are equal", () => {
    const y = tanh(parts.x);
    const { a, b } = session.run({ a: y, b: y }, feeds);
    expect(a).toEqual(b);
  });

  test("are the fed values where a placeholder is fetched, and constants where those are", () => {
    const constant = parts.graph.constant([7, 8]);
    const results = session.run({ x: parts.x, constant, again: reshape(constant, [2, 1]) }, feeds);
    expect(results.x).toEqual(Float32Array.from(feeds.x));
    expect([results.constant, results.again]).toEqual([Float32Array.of(7, 8), Float32Array.of(7, 8)]);
  });

  test("an update has none", () => {
    expect(session.run({ step: parts.first })).toEqual({ step: undefined });
  });

  test("feeds may be plain arrays and are not kept", () => {
    const x = [1, 2, 3];
    session.run({ y: neg(parts.x) }, { x });
    expect(x).toEqual([1, 2, 3]);
  });
});

describe("reads come before updates", () => {
  test("a variable that is fetched with its update has its old value", () => {
    const { w, first } = parts;
    const before = session.run({ step: first, w, view: reshape(w, [3, 1]), twice: add(w, w) });
    expect(before.w).toEqual(Float32Array.from(START));
    expect(before.view).toEqual(before.w);
    expect(before.twice).toEqual((before.w as Float32Array).map((value) => 2 * value));
    expect(session.variables.get("w")).not.toEqual(before.w);
  });

  test("both updates of a run take their gradients at the weights before it", async () => {
    const { first, second } = parts;
    session.run({ first, second }, feeds);
    // w as if the second gradient had been taken at START: its m after one step is (1 − β₁)·g.
    const moments = session.state().optimizers.second!.slots.m!.get("w")!;
    const reference = await startedSession();
    reference.run({ second }, feeds);
    expect(bitsOf(moments)).toEqual(bitsOf(reference.state().optimizers.second!.slots.m!.get("w")!));
  });
});

describe("updates apply in the order of the fetches", () => {
  /** A second optimizer whose loss is linear too, so that only the order of the two subtractions can matter. */
  async function weightsAfter(...order: (readonly ("a" | "b")[])[]): Promise<Int32Array> {
    const graph = new Graph();
    const w = graph.getVariable("w", [64], { kind: "normal", stddev: 1 });
    const slope = (k: number): Float32Array => Float32Array.from({ length: 64 }, (_, i) => ((i * k) % 17) - 8.5);
    const loss = (k: number): ReturnType<typeof sum> => sum(mul(w, graph.constant(slope(k))));
    const updates = {
      a: adam({ learningRate: 0.3 }).minimize(loss(3), [w]),
      b: adam({ learningRate: 0.01 }).minimize(loss(5), [w]),
    };
    const own = await compile(graph);
    for (const names of order) own.run(Object.fromEntries(names.map((name) => [name, updates[name]])));
    return bitsOf(own.variables.get("w"));
  }

  test("one run with both is the first and then the second", async () => {
    const together = await weightsAfter(["a", "b"]);
    expect(together).toEqual(await weightsAfter(["a"], ["b"]));
    expect(together).not.toEqual(await weightsAfter(["b"], ["a"]));
    expect(await weightsAfter(["b", "a"])).toEqual(await weightsAfter(["b"], ["a"]));
  });
});

describe("refused", () => {
  const other = new Graph();
  const foreign = other.placeholder("x", [1]);
  const foreignUpdate = adam({ learningRate: 1, name: "alien" }).minimize(
    sum(other.getVariable("w", [3], { kind: "constant", value: 0 })),
    [...other.variables.values()],
  );

  type Run = (m: Model) => unknown;
  test.each<readonly [string, Run, string, string]>([
    ["a missing feed", ({ x }) => session.run({ x }), "GRAPH", 'run: placeholder "x" is needed and was not fed'],
    [
      "an unknown feed",
      ({ w }) => session.run({ w }, { y: [1] }),
      "GRAPH",
      'run: there is no placeholder "y"; the graph has x',
    ],
    [
      "a length that does not fit",
      ({ x }) => session.run({ x }, { x: [1, 2, 3, 4] }),
      "SHAPE",
      'run: the feed of "x" [?,3] has 4 values, not a multiple of 3',
    ],
    ["no values", ({ x }) => session.run({ x }, { x: [] }), "SHAPE", "has 0 values"],
    [
      "a feed that is no array",
      ({ x }) => session.run({ x }, { x: 3 as never }),
      "ARGUMENT",
      'run: the feed of "x" is 3, not an array of numbers',
    ],
    ["a feed that is a text", ({ x }) => session.run({ x }, { x: "123" as never }), "ARGUMENT", "is 123, not an array"],
    [
      "a fetch of another graph",
      () => session.run({ foreign }),
      "GRAPH",
      "run: x [1] is neither a tensor nor an update of this session's graph",
    ],
    ["an update of another graph", () => session.run({ foreignUpdate }), "GRAPH", "run: the update of optimizer alien"],
    ["a fetch that is none", () => session.run({ a: 3 as never }), "GRAPH", "run: 3 is neither a tensor nor an update"],
    [
      "an optimizer twice",
      ({ first }) => session.run({ a: first, b: first }),
      "GRAPH",
      "run: one optimizer is fetched twice",
    ],
    [
      "a gradient of what the loss does not read",
      ({ graph, w }) => session.run({ g: gradients(sum(graph.constant([1])), [w])[0]! }),
      "GRAPH",
      "the loss does not depend on w",
    ],
  ])("%s", async (_, run, code, says) => {
    const failure = await failureOf(() => run(parts));
    expect(failure.code).toBe(code);
    expect(failure.message).toContain(says);
    // Nothing has changed, and the session still works.
    expect(session.variables.get("w")).toEqual(Float32Array.from(START));
    expect(session.state().optimizers.first!.t).toBe(0);
    session.run({ step: parts.first });
    expect(session.state().optimizers.first!.t).toBe(1);
  });

  test("a fixed shape takes its own length only", async () => {
    const y = parts.graph.placeholder("y", [2, 2]);
    expect(await failureOf(() => session.run({ y }, { y: [1, 2] }))).toEqual({
      code: "SHAPE",
      message: 'run: the feed of "y" [2,2] has 2 values, not 4',
    });
  });
});
