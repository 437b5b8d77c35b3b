// Networks unrolled over time, as a user would write them. The number of nodes is a multiple of the number of steps.
import { Graph } from "../../src/engine/graph/graph.ts";
import { gradients } from "../../src/engine/graph/gradients.ts";
import type { Tensor, Variable } from "../../src/engine/graph/tensor.ts";
import { add, addBias, matMul, mean, mul, sigmoid, slice, square, tanh } from "../../src/engine/ops/index.ts";

/** An unrolled network. */
export interface Unrolled {
  readonly graph: Graph;
  readonly loss: Tensor;
  readonly variables: readonly Variable[];
  /** The loss and its gradients in all variables. */
  readonly roots: readonly Tensor[];
}

const [BATCH, FEATURES, UNITS, RESULTS] = [1, 8, 12, 30];

function unrolled(body: (graph: Graph) => Tensor): Unrolled {
  const graph = new Graph();
  const loss = body(graph);
  const variables = [...graph.variables.values()];
  return { graph, loss, variables, roots: [loss, ...gradients(loss, variables)] };
}

function weights(graph: Graph, name: string, shape: readonly number[]): Variable {
  return graph.getVariable(name, shape, { kind: "normal", stddev: 0.2 });
}

/** One placeholder for each step. */
function inputs(graph: Graph, steps: number, name = "x"): Tensor[] {
  return Array.from({ length: steps }, (_, t) => graph.placeholder(`${name}${t}`, [BATCH, FEATURES]));
}

/** All steps in one placeholder. */
function slicedInputs(graph: Graph, steps: number): Tensor[] {
  const all = graph.placeholder("x", [steps * BATCH, FEATURES]);
  return Array.from({ length: steps }, (_, t) => slice(all, [t * BATCH, 0], [BATCH, FEATURES]));
}

/** h = tanh(x·u + h·w + b): the state after each step. */
function states(xs: readonly Tensor[], u: Tensor, w: Tensor, b: Tensor): Tensor[] {
  const all: Tensor[] = [];
  for (const x of xs) {
    const fromInput = matMul(x, u);
    const last = all.at(-1);
    all.push(tanh(addBias(last === undefined ? fromInput : add(fromInput, matMul(last, w)), b)));
  }
  return all;
}

function layer(graph: Graph): readonly [u: Variable, w: Variable, b: Variable] {
  return [weights(graph, "u", [FEATURES, UNITS]), weights(graph, "w", [UNITS, UNITS]), weights(graph, "b", [UNITS])];
}

/** The loss of the last state. */
function lastState(steps: number, inputsOf: typeof inputs): Unrolled {
  return unrolled((graph) => mean(square(states(inputsOf(graph, steps), ...layer(graph)).at(-1)!)));
}

/** The sum of the losses of all states' outputs. */
function everyState(steps: number, inputsOf: typeof inputs): Unrolled {
  return unrolled((graph) => {
    const [v, c] = [weights(graph, "v", [UNITS, RESULTS]), weights(graph, "c", [RESULTS])];
    const results = states(inputsOf(graph, steps), ...layer(graph)).map((h) => addBias(matMul(h, v), c));
    return results.map((y) => mean(square(y))).reduce(add);
  });
}

/** Two sequences through one layer. */
function twoSequences(steps: number): Unrolled {
  return unrolled((graph) => {
    const shared = layer(graph);
    const [a, b] = ["a", "b"].map((name) => states(inputs(graph, steps, name), ...shared).at(-1)!);
    return add(mean(square(a!)), mean(square(add(b!, b!))));
  });
}

/** Hochreiter & Schmidhuber's cell with a forget gate: four gates, each with weights of its own. */
function lstm(steps: number): Unrolled {
  return unrolled((graph) => {
    const gates = ["input", "forget", "output", "candidate"].map((name) => ({
      activation: name === "candidate" ? tanh : sigmoid,
      u: weights(graph, `${name}_u`, [FEATURES, UNITS]),
      w: weights(graph, `${name}_w`, [UNITS, UNITS]),
      b: weights(graph, `${name}_b`, [UNITS]),
    }));
    let h: Tensor = graph.placeholder("h", [BATCH, UNITS]);
    let c: Tensor = graph.placeholder("c", [BATCH, UNITS]);
    for (const x of inputs(graph, steps)) {
      const opened = gates.map(({ activation, u, w, b }) => activation(addBias(add(matMul(x, u), matMul(h, w)), b)));
      const [input, forget, output, candidate] = opened as [Tensor, Tensor, Tensor, Tensor];
      c = add(mul(forget, c), mul(input, candidate));
      h = mul(output, tanh(c));
    }
    return mean(square(h));
  });
}

/** Networks by name, each for a number of steps. */
export const recurrentNetworks: Readonly<Record<string, (steps: number) => Unrolled>> = {
  "a layer whose last state counts": (steps) => lastState(steps, inputs),
  "a layer of which every state counts": (steps) => everyState(steps, inputs),
  "a sequence that lies in one tensor": (steps) => everyState(steps, slicedInputs),
  "two sequences": twoSequences,
  "a long short-term memory": lstm,
};
