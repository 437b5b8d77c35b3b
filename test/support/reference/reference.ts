import type { Attributes } from "../../../src/engine/graph/operation.ts";
import type { Shape } from "../../../src/engine/shape.ts";
import { magnitude, mapped, type Value } from "./value.ts";

/** The meaning of an operation, in float64, and the allowed error of the float32 kernels. */
export interface Reference<A = Attributes> {
  /** y of this shape, and then the tensors that the operation keeps for its gradient. */
  readonly values: (inputs: readonly Value[], attributes: A, y: Shape) => readonly Value[];
  /**
   * The largest error of float32 arithmetic, for each element of each of these results. Without bounds, the result is
   * exact.
   */
  readonly bounds?: (
    inputs: readonly Value[],
    attributes: A,
    results: readonly Value[],
  ) => readonly (ArrayLike<number> | undefined)[];
  /** The numbers of those kept results whose 32 bits are an integer. */
  readonly integers?: readonly number[];
}

/** An operation with attributes of its own, as the table of all operations holds it. */
export function reference<A>(definition: Reference<A>): Reference {
  return definition as Reference;
}

/** An operation whose attributes name additional work: they choose the reference. */
export function chosen(choose: (attributes: never) => Reference, integers: readonly number[] = []): Reference {
  return {
    values: (inputs, attributes, y) => choose(attributes as never).values(inputs, attributes, y),
    bounds: (inputs, attributes, results) => choose(attributes as never).bounds?.(inputs, attributes, results) ?? [],
    integers,
  };
}

/** Half an ulp of 1: the relative error of one float32 operation. */
export const UNIT: number = 2 ** -24;

/** The smallest float32 above 0: the error that underflow may cause. */
export const TINY: number = 2 ** -149;

/** A bound of this many rounding errors of the result itself. */
export function roundings(y: Value, count: number): Float64Array {
  return y.data.map((value) => count * UNIT * Math.abs(value) + TINY);
}

/**
 * A sum of K products, in any order: (K + 1)·2⁻²⁴·Σ|aᵢbᵢ|. To get the sum of magnitudes, the operation itself is
 * applied to its inputs' magnitudes.
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
