// A loss whose gradient is known. Each optimizer's test against float64 minimizes it.
import { compile, Graph, nn, ops, type Session, type Tensor, type Update, type Variable } from "../../src/index.ts";

/** The number of elements. It is not a multiple of 4, so that both the lanes and the tail are used. */
export const BOWL_SIZE = 11;

export interface Bowl {
  readonly graph: Graph;
  readonly w: Variable;
  readonly loss: Tensor;
}

/** loss = Σ (w − target)² / 2 with a variable w [11] that starts at 1; its gradient is w − target. */
export function bowl(): Bowl {
  const graph = new Graph();
  const w = graph.getVariable("w", [BOWL_SIZE], nn.constant(1));
  const target = graph.placeholder("target", [BOWL_SIZE]);
  return { graph, w, loss: ops.mul(ops.sum(ops.square(ops.sub(w, target))), graph.constant(0.5)) };
}

/** Targets that differ from step to step and from element to element, exact in float32. */
export function targets(k: number): number[] {
  return Array.from({ length: BOWL_SIZE }, (_, i) => 0.25 * ((k + i) % 3) - 0.5 * (i % 5));
}

/** An optimizer's arithmetic on one variable in float64. */
export interface ReferenceOptimizer {
  step(w: Float64Array, g: ArrayLike<number>): void;
}

/** Runs the update this many times, and the reference beside it. */
export async function descend(
  { graph, w }: Bowl,
  update: Update,
  reference: ReferenceOptimizer,
  steps: number,
): Promise<{ session: Session; found: Float32Array; exact: Float64Array }> {
  const session = await compile(graph);
  const exact = new Float64Array(BOWL_SIZE).fill(1);
  for (let k = 0; k < steps; k++) {
    session.run({ update }, { target: targets(k) });
    reference.step(
      exact,
      exact.map((value, i) => value - targets(k)[i]!),
    );
  }
  return { session, found: session.variables.get(w.name), exact };
}
