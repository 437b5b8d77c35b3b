import { Graph } from "../../src/engine/graph/graph.ts";
import type { Attributes } from "../../src/engine/graph/operation.ts";
import type { Placeholder, Tensor } from "../../src/engine/graph/tensor.ts";
import type { Case, OpDefinition } from "../../src/engine/ops/define-op.ts";
import { caseInputs } from "./case-inputs.ts";

/** One case of an operation as a graph: its inputs are the placeholders x0, x1, … */
export interface OpGraph {
  readonly graph: Graph;
  readonly xs: readonly Placeholder[];
  readonly y: Tensor;
  /** Values for the placeholders. */
  readonly given: Readonly<Record<string, Float32Array>>;
}

/** An operation and one of its cases, with the words that name the case. */
export interface OpCase {
  readonly label: string;
  readonly definition: OpDefinition;
  readonly opCase: Case<Attributes, number>;
}

/** All cases of an operation. */
export function casesOf(definition: OpDefinition): OpCase[] {
  return definition.cases().map((opCase, i) => ({ label: labelOf(definition, opCase, i), definition, opCase }));
}

/** Builds a case's graph; the same seed gives the same values. */
export function opGraph({ definition, opCase }: Omit<OpCase, "label">, seed = 3): OpGraph {
  const graph = new Graph();
  const shapes = opCase.inputs;
  const xs = shapes.map((shape, i) => graph.placeholder(`x${i}`, shape));
  const y = graph.apply(definition, xs, opCase.attributes);
  const values = caseInputs(opCase, seed);
  return { graph, xs, y, given: Object.fromEntries(xs.map(({ name }, i) => [name, values[i]!])) };
}

/** "conv2d case 2: [1,5,6,2] [2,3,2,1] {…}" */
function labelOf({ name }: OpDefinition, { inputs, attributes }: Case<Attributes, number>, i: number): string {
  const shapes = inputs.map((shape) => `[${shape.join(",")}]`).join(" ");
  return `${name} case ${i}: ${shapes} ${JSON.stringify(attributes)}`;
}
