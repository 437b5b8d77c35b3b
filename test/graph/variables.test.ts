// Variables and scopes as TensorFlow 1 has them.
import { beforeEach, describe, expect, test } from "vitest";
import { Graph } from "../../src/engine/graph/graph.ts";
import type { Initializer } from "../../src/engine/graph/initializer.ts";
import type { Variable } from "../../src/engine/graph/tensor.ts";
import type { Reuse } from "../../src/engine/graph/variable-store.ts";
import type { Shape } from "../../src/engine/shape.ts";
import { failureOf } from "../support/failure.ts";

const zeros: Initializer = { kind: "constant", value: 0 };

let graph: Graph;

beforeEach(() => {
  graph = new Graph();
});

function variable(name: string, shape: Shape = [2, 3]): Variable {
  return graph.getVariable(name, shape, zeros);
}

function scope<T>(name: string, reuse: Reuse, body: () => T): T {
  return graph.variableScope(name, { reuse }, body);
}

describe("names", () => {
  test("are joined from the scopes with slashes", () => {
    const made = scope("gan", false, () => [
      variable("w"),
      scope("generator", false, () => variable("w")),
      variable("b"),
    ]);
    expect(made.map(({ name }) => name)).toEqual(["gan/w", "gan/generator/w", "gan/b"]);
    expect(variable("w").name).toBe("w");
    expect([...graph.variables.keys()]).toEqual(["gan/w", "gan/generator/w", "gan/b", "w"]);
  });

  test("a scope without a name adds nothing", () => {
    expect(scope("", false, () => scope("bn", false, () => variable("beta"))).name).toBe("bn/beta");
  });

  test("a name may hold slashes itself, and is then the same as in scopes", () => {
    variable("bn1/beta");
    expect(scope("bn1", true, () => variable("beta")).name).toBe("bn1/beta");
  });

  test.each(["", "a b", "/w", "w/", "a//b", "ä", "w:0"])("%j is none", async (name) => {
    const { code, message } = await failureOf(() => variable(name));
    expect(code).toBe("ARGUMENT");
    expect(message).toContain(`getVariable: name "${name}" is not made of letters`);
  });

  test("of scopes follow the same rule", async () => {
    const { code, message } = await failureOf(() => scope("a b", false, () => 0));
    expect(code).toBe("ARGUMENT");
    expect(message).toContain('variableScope: name "a b" is not made of letters');
  });
});

describe("sharing", () => {
  test("reuse gives the variable there is", () => {
    const w = scope("d", false, () => variable("w"));
    expect(scope("d", true, () => variable("w"))).toBe(w);
    expect(graph.variables.size).toBe(1);
  });

  test("once on, reuse holds in all scopes inside", () => {
    const w = scope("a", false, () => scope("b", false, () => variable("w")));
    expect(scope("a", true, () => scope("b", false, () => variable("w")))).toBe(w);
  });

  test("a scope inside may turn it on for itself, and it ends with the scope", () => {
    const w = scope("a", false, () => variable("w"));
    scope("", false, () => {
      expect(scope("a", true, () => variable("w"))).toBe(w);
      expect(scope("a", false, () => variable("other")).name).toBe("a/other");
    });
  });

  test('"auto" takes what exists and makes what does not', () => {
    const made = scope("d", "auto", () => variable("w"));
    expect(scope("d", "auto", () => variable("w"))).toBe(made);
    expect(scope("d", "auto", () => variable("b")).name).toBe("d/b");
  });

  test("a scope ends with its body, also where that throws", () => {
    expect(() =>
      scope("a", true, () => {
        throw new Error("stop");
      }),
    ).toThrow("stop");
    expect(variable("w").name).toBe("w");
  });

  test("a variable keeps its first initializer", () => {
    scope("", "auto", () => graph.getVariable("w", [2], { kind: "normal", stddev: 1 }));
    expect(scope("", "auto", () => graph.getVariable("w", [2], zeros)).initializer).toEqual({
      kind: "normal",
      stddev: 1,
    });
  });

  test("its shape is a copy: changing the array changes nothing", () => {
    const shape = [2, 3];
    const w = variable("w", shape);
    shape[0] = 9;
    expect(w.shape).toEqual([2, 3]);
  });
});

describe("errors name the variable and both shapes", () => {
  test("a name that exists, without reuse", async () => {
    scope("d", false, () => variable("w"));
    expect(await failureOf(() => scope("d", false, () => variable("w", [4])))).toEqual({
      code: "VARIABLE",
      message: "variable d/w [4] exists already with shape [2,3]; set reuse to share it",
    });
  });

  test("a name that is missing, with reuse", async () => {
    expect(await failureOf(() => scope("d", true, () => variable("w")))).toEqual({
      code: "VARIABLE",
      message: "variable d/w [2,3] does not exist, and its scope only reuses",
    });
    expect(graph.variables.size).toBe(0);
  });

  test.each([true, "auto"] as const)("another shape, with reuse %s", async (reuse) => {
    variable("w");
    expect(await failureOf(() => scope("", reuse, () => variable("w", [3, 2])))).toEqual({
      code: "VARIABLE",
      message: "variable w has shape [2,3] and cannot be reused with shape [3,2]",
    });
  });

  test.each([[[0, 2]], [[2, -1]], [[1.5]], [[NaN]], [[2, null]]])("shape %j", async (shape) => {
    const { code, message } = await failureOf(() => variable("w", shape as number[]));
    expect(code).toBe("SHAPE");
    expect(message).toContain("variable w");
  });

  test("too many axes", async () => {
    const { code, message } = await failureOf(() => variable("w", [1, 1, 1, 1, 1, 1, 1, 1, 1]));
    expect([code, message]).toEqual([
      "SHAPE",
      "variable w: shape [1,1,1,1,1,1,1,1,1] has 9 axes; at most 8 are allowed",
    ]);
  });

  test.each([[undefined], [{ kind: "uniform" }], [null]])("initializer %j", async (initializer) => {
    const { code, message } = await failureOf(() => graph.getVariable("w", [2], initializer as never));
    expect(code).toBe("ARGUMENT");
    expect(message).toContain("variable w: the initializer is none of constant, normal, truncatedNormal");
  });

  test.each([
    [{ kind: "constant", value: NaN }, "variable d/w: the initial value NaN is not a finite number"],
    [{ kind: "constant" }, "variable d/w: the initial value undefined is not a finite number"],
    [{ kind: "normal", stddev: -1 }, "variable d/w: the initializer's stddev -1 is not a finite number ≥ 0"],
    [{ kind: "truncatedNormal", stddev: Infinity }, "stddev Infinity is not a finite number ≥ 0"],
  ])("initial values %j", async (initializer, says) => {
    const act = (): Variable => scope("d", false, () => graph.getVariable("w", [2], initializer as never));
    const { code, message } = await failureOf(act);
    expect(code).toBe("ARGUMENT");
    expect(message).toContain(says);
  });

  test("a reuse that is none", async () => {
    const { code, message } = await failureOf(() => scope("d", "yes" as never, () => 0));
    expect([code, message]).toEqual(["ARGUMENT", 'variableScope: reuse yes is neither true, false nor "auto"']);
  });
});
