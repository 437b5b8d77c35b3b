import { expandGradients } from "../../src/engine/compile/passes/expand-gradients.ts";
import { specialize } from "../../src/engine/compile/passes/specialize.ts";
import { GraphError } from "../../src/engine/errors.ts";
import { gradients } from "../../src/engine/graph/gradients.ts";
import type { Placeholder } from "../../src/engine/graph/tensor.ts";
import { type Tensor, type Variable } from "../../src/engine/graph/tensor.ts";
import { feedShapesOf } from "../../src/engine/session/feeds.ts";
import type { Shape } from "../../src/engine/shape.ts";
import { interpret, type Given } from "./reference/interpret.ts";

/** Step of the central differences. */
const STEP = 1e-5;

/** The largest difference of the two, absolute and relative: truncation (step²) and rounding (2⁻⁵³ / step). */
const TOLERANCE = 1e-7;

/**
 * Compares the gradient of a loss with central differences of the interpreted loss, element by element, both in
 * float64. Returns how many elements were compared. @throws Error at the first that differs.
 */
export function checkGradients(
  label: string,
  loss: Tensor,
  xs: readonly (Placeholder | Variable)[],
  given: Given,
): number {
  let compared = 0;
  for (const x of xs) {
    const gradient = gradientOf(loss, x, given);
    const values = Float64Array.from(given[x.name]!);
    const lossAt = lossAlong(loss, x, given);
    values.forEach((value, i) => {
      const along = (step: number): number => lossAt(values.with(i, value + step));
      agree(`${label}: dLoss/d${x.name}[${i}]`, gradient[i]!, (along(STEP) - along(-STEP)) / (2 * STEP));
      compared++;
    });
  }
  return compared;
}

/**
 * Compares the two along one random direction of all of x at once: ⟨gradient, direction⟩. It is for cases that are too
 * large to be checked element by element.
 */
export function checkDirection(
  label: string,
  loss: Tensor,
  x: Placeholder | Variable,
  given: Given,
  direction: Float64Array,
): void {
  const values = Float64Array.from(given[x.name]!);
  const lossAt = lossAlong(loss, x, given);
  const along = (step: number): number => lossAt(values.map((value, i) => value + step * direction[i]!));
  const slope = gradientOf(loss, x, given).reduce((sum, g, i) => sum + g * direction[i]!, 0);
  agree(`${label}: dLoss along a direction of ${x.name}`, slope, (along(STEP) - along(-STEP)) / (2 * STEP));
}

/** dLoss/dx by the compiler's own passes, interpreted; zeros where the loss does not depend on x. */
function gradientOf(loss: Tensor, x: Placeholder | Variable, given: Given): Float64Array {
  try {
    const expanded = expandGradients(specialize(gradients(loss, [x]), shapesOf(loss, given)));
    return interpret(expanded, given)[0]!.data;
  } catch (error) {
    if (!(error instanceof GraphError) || !error.message.includes("does not depend")) throw error;
    return new Float64Array(given[x.name]!.length);
  }
}

/** The interpreted loss as a function of x. */
function lossAlong(loss: Tensor, x: Placeholder | Variable, given: Given): (values: Float64Array) => number {
  const forward = specialize([loss], shapesOf(loss, given));
  return (values) => interpret(forward, { ...given, [x.name]: values })[0]!.data[0]!;
}

/** Shapes of the given placeholders by name. */
export function shapesOf({ graph }: Tensor, given: Given): ReadonlyMap<string, Shape> {
  return feedShapesOf(
    graph,
    Object.fromEntries(Object.entries(given).filter(([name]) => graph.placeholders.has(name))),
  );
}

function agree(what: string, gradient: number, difference: number): void {
  const bound = TOLERANCE * (1 + Math.abs(difference));
  if (Math.abs(gradient - difference) <= bound) return;
  throw new Error(`${what} is ${gradient}, the central difference ${difference}; they may differ by ${bound}`);
}
