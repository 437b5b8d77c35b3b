import type { Attributes } from "../../../src/engine/graph/operation.ts";
import type { Shape } from "../../../src/engine/shape.ts";
import { magnitude, mapped, type Value } from "./value.ts";

/** What an operation means, in float64, and how far the float32 kernels may be from it. */
export interface Reference<A = Attributes> {
  /** y of this shape, and then what the operation keeps for its gradient. */
  readonly values: (inputs: readonly Value[], attributes: A, y: Shape) => readonly Value[];
  /** The most that float32 arithmetic may be off, for each element of each of these results; nothing: it is exact. */
  readonly bounds?: (
    inputs: readonly Value[],
    attributes: A,
    results: readonly Value[],
  ) => readonly (ArrayLike<number> | undefined)[];
  /** Of what is kept, the results whose 32 bits are an integer. */
  readonly integers?: readonly number[];
}

/** An operation with attributes of its own, as the table of all operations holds it. */
export function reference<A>(definition: Reference<A>): Reference {
  return definition as Reference;
}

/** An operation whose attributes say what else it does: the reference that they choose. */
export function chosen(choose: (attributes: never) => Reference, integers: readonly number[] = []): Reference {
  return {
    values: (inputs, attributes, y) => choose(attributes as never).values(inputs, attributes, y),
    bounds: (inputs, attributes, results) => choose(attributes as never).bounds?.(inputs, attributes, results) ?? [],
    integers,
  };
}

/** Half an ulp of 1: the relative error of one float32 operation. */
export const UNIT: number = 2 ** -24;

/** The smallest float32 above 0: what underflow may cost. */
export const TINY: number = 2 ** -149;

/** So many rounding errors of the result itself. */
export function roundings(y: Value, count: number): Float64Array {
  return y.data.map((value) => count * UNIT * Math.abs(value) + TINY);
}

/**
 * A sum of K products, however it is ordered: (K + 1)·2⁻²⁴·Σ|aᵢbᵢ|. The sum of magnitudes is what the operation itself
 * makes of its inputs' magnitudes.
 */
export function sumOfProducts<A>(
  values: Reference<A>["values"],
  termsOf: (inputs: readonly Value[], attributes: A, y: Shape) => number,
): NonNullable<Reference<A>["bounds"]> {
  return (inputs, attributes, [y]) => {
    const rounding = (termsOf(inputs, attributes, y!.shape) + 1) * UNIT;
    const [size] = values(inputs.map(magnitude), attributes, y!.shape);
    return [mapped(size!, (sum) => rounding * sum + TINY).data];
  };
}
