import { ArgumentError, VariableError } from "../errors.ts";
import type { Graph } from "../graph/graph.ts";
import type { Optimizer } from "../graph/update.ts";
import { checkOptimizerState, type OptimizerState, type OptimizerValues } from "./optimizer-values.ts";
import { ReadMap } from "./read-map.ts";
import { isMap, type VariableValues } from "./variable-values.ts";

/** The result of training a graph: the values of its variables, and the state of its optimizers. */
export interface SessionState {
  /** By name, row-major, for all variables of the graph. */
  readonly variables: ReadonlyMap<string, Float32Array>;
  /** By the names of `Graph.optimizers`, for all of them. */
  readonly optimizers: Readonly<Record<string, OptimizerState>>;
}

/** The values from which the state of a graph is read and to which it is written. */
export interface StateParts {
  readonly variables: VariableValues;
  readonly optimizer: (optimizer: Optimizer) => OptimizerValues;
}

/** A state that looks each tensor up when it is asked for. `open` gives the parts, or throws once there are none. */
export function viewState(graph: Graph, open: () => StateParts): SessionState {
  const variables = new ReadMap(graph.variables.keys(), (name) => open().variables.view(name));
  const optimizers = [...graph.optimizers].map(([name, { optimizer, variables }]) => {
    const t = open().optimizer(optimizer).updates;
    const trained = new Map(t === 0 ? [] : variables.map((variable) => [variable.name, variable]));
    const slots = optimizer.slots.map(({ name: slot }) => {
      const read = (of: string): Float32Array => open().optimizer(optimizer).view(slot, trained.get(of)!);
      return [slot, new ReadMap(trained.keys(), read)];
    });
    return [name, { t, slots: Object.fromEntries(slots) as OptimizerState["slots"] }];
  });
  return { variables, optimizers: Object.fromEntries(optimizers) as SessionState["optimizers"] };
}

/** The same with a copy of every tensor. */
export function copyState({ variables, optimizers }: SessionState): SessionState {
  const slotsOf = ({ slots }: OptimizerState): OptimizerState["slots"] =>
    mapValues(slots, (values) => copyTensors(values));
  return {
    variables: copyTensors(variables),
    optimizers: mapValues(optimizers, (state) => ({ t: state.t, slots: slotsOf(state) })),
  };
}

/**
 * Takes over a state of this graph, after all of it was checked.
 * @throws ArgumentError for a value that is no state, an optimizer that the graph lacks, or bad numbers; VariableError
 *   for a variable that is missing or unknown; ShapeError for a wrong length.
 */
export function restoreState(graph: Graph, { variables, optimizer }: StateParts, state: SessionState): void {
  checkIsState(state);
  checkVariables(graph, variables, state.variables);
  checkOptimizers(graph, state.optimizers ?? {});
  for (const [name, values] of state.variables) variables.set(name, values);
  for (const [name, trained] of graph.optimizers) {
    optimizer(trained.optimizer).restore(state.optimizers[name]!, trained.variables);
  }
}

/** @throws ArgumentError unless it is an object that has variables. */
export function checkIsState(state: SessionState): void {
  if (typeof state === "object" && state !== null && isMap(state.variables)) return;
  throw new ArgumentError("restore: this is no state: it has no variables, a Map of Float32Array");
}

function checkVariables(graph: Graph, variables: VariableValues, state: SessionState["variables"]): void {
  for (const name of graph.variables.keys()) {
    const values = state.get(name);
    if (values === undefined) throw new VariableError(`the state lacks variable ${name}`);
    variables.check(name, values);
  }
  for (const name of state.keys()) variables.find(name);
}

function checkOptimizers({ optimizers }: Graph, state: SessionState["optimizers"]): void {
  for (const [name, { optimizer, variables }] of optimizers) {
    checkOptimizerState(name, optimizer, variables, Object.hasOwn(state, name) ? state[name] : undefined);
  }
  for (const name of Object.keys(state)) {
    if (optimizers.has(name)) continue;
    const known = [...optimizers.keys()].join(", ") || "none";
    throw new ArgumentError(`optimizer "${name}" does not exist; the graph has ${known}`);
  }
}

function copyTensors(tensors: ReadonlyMap<string, Float32Array>): Map<string, Float32Array> {
  const copies = new Map<string, Float32Array>();
  for (const [name, values] of tensors) copies.set(name, values.slice());
  return copies;
}

function mapValues<V, W>(record: Readonly<Record<string, V>>, map: (value: V) => W): Record<string, W> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
