import type { Attributes } from "../graph/operation.ts";
import type { Shape } from "../shape.ts";

/**
 * A case of an operation: the shapes of its inputs, then its attributes, as in `on([2, 4, 5, 2], [3, 3, 2, 3],
 * attributes)`.
 */
export function on<const S extends readonly Shape[], const A extends Attributes>(
  ...given: readonly [...shapes: S, attributes: A]
): { readonly inputs: S; readonly attributes: A };
export function on(...given: readonly (Shape | Attributes)[]): { inputs: unknown; attributes: unknown } {
  return { inputs: given.slice(0, -1), attributes: given[given.length - 1] };
}
