import type { Tensor } from "../../graph/tensor.ts";
import { normalizeAxes } from "../../shape.ts";
import { reshape } from "../reshape.ts";

/** A reduction's result (or its gradient) with the reduced axes of x back in place, of size 1, so that it broadcasts. */
export function expandDims(op: string, y: Tensor, x: Tensor, axes: readonly number[] | undefined): Tensor {
  const reduced = new Set(normalizeAxes(op, axes, x.shape.length));
  return reshape(
    y,
    x.shape.map((dim, axis) => (reduced.has(axis) ? 1 : dim!)),
  );
}
