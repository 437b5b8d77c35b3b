// A program is data: it can be compiled, read and compared without a memory.
import { describe, expect, test } from "vitest";
import { Graph, gradients, nn, ops, optim, type Tensor } from "../../src/index.ts";
import { Buffer } from "../../src/engine/program/buffer.ts";
import { PlacedProgram } from "../../src/engine/program/placed-program.ts";
import { compiled, lineOf, nameOf } from "../support/compiled.ts";

/** relu(conv2d(x, w) + b) of images [2,6,6,3]. */
function convolution(): { graph: Graph; y: Tensor } {
  const graph = new Graph();
  const x = graph.placeholder("x", [null, 6, 6, 3]);
  const w = graph.getVariable("w", [3, 3, 3, 8], nn.normal(1));
  const b = graph.getVariable("b", [8], nn.zeros());
  const y = ops.relu(ops.addBias(ops.conv2d(x, w, { strides: 1, padding: "same" }), b));
  return { graph, y };
}

const feedShapes = { x: [2, 6, 6, 3] };

describe("a program compiled without memory", () => {
  test("of a convolution, bias and relu has one pass for bias and relu together", () => {
    const program = compiled([convolution().y], { feedShapes });
    const lines = program.calls.map(lineOf);
    expect(program.calls.map(({ kernel }) => kernel)).toEqual(["packPanels", "im2col", "gemm", "addBias"]);
    expect(lines[0]).toContain(" w[");
    expect(lines[3]).toContain(" b[8]");
    expect(lines.filter((line) => line.includes(" b[8]"))).toHaveLength(1);
    const { args } = program.calls[3]!;
    expect(args.at(-1), "with relu").toBe(1);
    expect(new Set(program.calls.map(({ origin }) => origin)).size, "operations").toBe(1);
    expect([...program.feeds.keys()]).toEqual(["x"]);
    expect(program.fetches.map(({ shape }) => shape)).toEqual([[2, 6, 6, 8]]);
  });

  test("names the variables, slots, scalars and tables that it needs", () => {
    const { graph, y } = convolution();
    const update = optim.adam({ learningRate: 0.1 }).minimize(ops.sum(y), [...graph.variables.values()]);
    const program = compiled([update], { feedShapes });
    const residents = [...program.residents].map(({ resident }) => nameOf(resident!));
    expect([...new Set(residents)].sort()).toEqual([
      "adam/m/b",
      "adam/m/w",
      "adam/rate",
      "adam/v/b",
      "adam/v/w",
      "b",
      "table",
      "w",
    ]);
    expect(program.calls.slice(-2).map(lineOf)).toEqual([
      "adam w[3,3,3,8] adam/m/w[3,3,3,8] adam/v/w[3,3,3,8] arena[3,3,3,8] adam/rate[] (adam of w)",
      "adam b[8] adam/m/b[8] adam/v/b[8] arena[8] adam/rate[] (adam of b)",
    ]);
  });

  test("of an optimizer without slots needs none", () => {
    const { graph, y } = convolution();
    const update = optim.sgd({ learningRate: 0.1 }).minimize(ops.sum(y), [...graph.variables.values()]);
    const kinds = [...compiled([update], { feedShapes }).residents].map(({ resident }) => resident!.kind);
    expect(new Set(kinds)).toEqual(new Set(["variable", "table"]));
  });

  test("is the same each time", () => {
    const { graph, y } = convolution();
    const fetches = [y, ...gradients(ops.sum(y), [...graph.variables.values()])];
    const programs = [1, 2].map(() => compiled(fetches, { feedShapes, threads: 3 }));
    const [one, two] = programs.map(({ calls, arenaBytes }) => ({ lines: calls.map(lineOf), arenaBytes }));
    expect(one!.lines.length).toBeGreaterThan(5);
    expect(two).toEqual(one);
  });

  test("is the same wherever it is placed, but for the addresses", () => {
    const program = compiled([convolution().y], { feedShapes });
    const callsAt = (start: number, arenaBase: number): unknown[] => {
      const addresses = new Map<unknown, number>();
      const placed = new PlacedProgram(program, (resident) => {
        addresses.set(resident, start + 1024 * addresses.size);
        return addresses.get(resident)!;
      });
      const linked = placed.stepsOf(0, arenaBase).flat();
      // Addresses are compared relative to their base, which makes them the same everywhere.
      return program.calls.map(({ args }, i) =>
        args.map((arg, at) => {
          if (!(arg instanceof Buffer)) return arg;
          return linked[i]!.args[at]! - (arg.storage.resident === undefined ? arenaBase : start);
        }),
      );
    };
    expect(callsAt(1 << 20, 1 << 24)).toEqual(callsAt(4096, 1 << 21));
  });
});
