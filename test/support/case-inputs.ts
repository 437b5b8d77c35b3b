import type { Attributes } from "../../src/engine/graph/operation.ts";
import type { Case } from "../../src/engine/ops/define-op.ts";
import { sizeOf, type Shape } from "../../src/engine/shape.ts";
import { apartValues, randomSource } from "./random.ts";

/** The least distance of a value from a kink. */
const KINK_DISTANCE = 0.05;

/** Values for the inputs of an operation's case, as the case asks for them; no two of them lie close. */
export function caseInputs(
  { inputs, range = [-2, 2], kinks = [], zeros = [] }: Case<Attributes, number>,
  seed: number,
): Float32Array[] {
  const shapes: readonly Shape[] = inputs;
  const random = randomSource(seed);
  const total = shapes.reduce((sum, shape) => sum + sizeOf(shape), 0);
  const values = apartValues(random, total, range).map((value) => kinks.reduce(awayFrom, value));
  let start = 0;
  return shapes.map((shape, i) => {
    const own = values.subarray(start, (start += sizeOf(shape)));
    return zeros.includes(i) ? new Float32Array(own.length) : own;
  });
}

/** The value. If it lies near the kink, it is moved away from it. */
function awayFrom(value: number, kink: number): number {
  const distance = value - kink;
  if (Math.abs(distance) >= KINK_DISTANCE) return value;
  return value + (distance < 0 ? -KINK_DISTANCE : KINK_DISTANCE);
}
