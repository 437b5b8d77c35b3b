// A session's variables: their first values, copies of them, and refused values.
import { describe, expect, test } from "vitest";
import { Graph } from "../../src/engine/graph/graph.ts";
import { add, sum } from "../../src/engine/ops/index.ts";
import { compile } from "../../src/engine/session/compile.ts";
import type { Session } from "../../src/engine/session/session.ts";
import { failureOf } from "../support/failure.ts";

const normal = { kind: "normal", stddev: 2 } as const;
const truncated = { kind: "truncatedNormal", stddev: 0.02 } as const;

async function sessionWith(names: readonly string[], seed = 7): Promise<Session> {
  const graph = new Graph();
  for (const name of names) graph.getVariable(name, [5000], name.startsWith("n") ? normal : truncated);
  return compile(graph, { seed });
}

describe("first values", () => {
  test("are those of the initializer", async () => {
    const graph = new Graph();
    graph.getVariable("c", [3], { kind: "constant", value: 0.1 });
    const session = await compile(graph);
    expect(session.variables.get("c")).toEqual(new Float32Array(3).fill(0.1));

    const random = await sessionWith(["n", "t"]);
    const [n, t] = [random.variables.get("n"), random.variables.get("t")];
    const deviation = (values: Float32Array): number =>
      Math.sqrt(values.reduce((s, v) => s + v * v, 0) / values.length);
    expect(deviation(n)).toBeCloseTo(2, 1);
    expect(Math.max(...n.map(Math.abs))).toBeGreaterThan(5);
    // The standard deviation of a normal cut at two is 0.8796.
    expect(deviation(t) / 0.02).toBeCloseTo(0.88, 1);
    expect(Math.max(...t.map(Math.abs))).toBeLessThanOrEqual(0.04);
  });

  test("depend on the seed and the name, not on other variables or on what ran before", async () => {
    const [a, b] = [await sessionWith(["n1", "t1"]), await sessionWith(["t2", "t1", "n1"])];
    b.normal(3, 1, 100);
    b.variables.get("t2");
    for (const name of ["n1", "t1"]) expect(a.variables.get(name)).toEqual(b.variables.get(name));
    expect(b.variables.get("t2")).not.toEqual(b.variables.get("t1"));
    const other = await sessionWith(["n1"], 8);
    expect(other.variables.get("n1")).not.toEqual(a.variables.get("n1"));
  });

  test("of a variable that is set before it is needed are never drawn", async () => {
    const session = await sessionWith(["n"]);
    session.variables.set("n", new Float32Array(5000).fill(2));
    expect(session.run({ total: sum(session.graph.variables.get("n")!) }).total).toBe(10_000);
  });
});

describe("get and set", () => {
  test("copy", async () => {
    const session = await sessionWith(["n"]);
    const values = new Float32Array(5000).fill(1);
    session.variables.set("n", values);
    values.fill(3);
    const got = session.variables.get("n");
    expect(got[17]).toBe(1);
    got.fill(4);
    expect(session.variables.get("n")[17]).toBe(1);
  });

  test("a variable made after the session is there too", async () => {
    const session = await sessionWith(["n"]);
    const late = session.graph.getVariable("late", [2], { kind: "constant", value: 5 });
    expect(session.run({ y: add(late, late) }).y).toEqual(Float32Array.of(10, 10));
  });

  test.each([
    [
      "an unknown name",
      (s: Session) => s.variables.get("m"),
      "VARIABLE",
      'variable "m" does not exist; the graph has n, t',
    ],
    ["an unknown name to set", (s: Session) => s.variables.set("m", [1]), "VARIABLE", 'variable "m" does not exist'],
    [
      "too few values",
      (s: Session) => s.variables.set("n", [1]),
      "SHAPE",
      "variable n [5000]: 1 values were given, 5000 are needed",
    ],
    [
      "none",
      (s: Session) => s.variables.set("n", undefined as never),
      "SHAPE",
      "variable n [5000]: no values were given",
    ],
    [
      "NaN",
      (s: Session) => s.variables.set("n", new Float32Array(5000).fill(NaN, 4999)),
      "ARGUMENT",
      "variable n [5000]: value 4999 is NaN, which is no finite float32",
    ],
    [
      "what float32 cannot hold",
      (s: Session) => s.variables.set("n", new Array<number>(5000).fill(1e39)),
      "ARGUMENT",
      "value 0 is 1e+39",
    ],
  ] as const)("refuse %s and change nothing", async (_, act, code, says) => {
    const session = await sessionWith(["n", "t"]);
    const before = session.variables.get("n");
    const failure = await failureOf(() => act(session));
    expect(failure.code).toBe(code);
    expect(failure.message).toContain(says);
    expect(session.variables.get("n")).toEqual(before);
  });
});
