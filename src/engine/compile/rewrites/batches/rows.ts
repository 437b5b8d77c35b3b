// Rows (indices of axis 0) of a tensor, and slices that cut whole rows.
import type { Tensor } from "../../../graph/tensor.ts";
import { slice, sliceOp } from "../../../ops/slice.ts";
import { concrete, sameShape, sizeOf, type Shape } from "../../../shape.ts";

/** The shape of one row. */
export function rowShape({ shape }: Tensor): Shape {
  return concrete(shape).slice(1);
}

/** Numbers in one row. */
export function rowSize(x: Tensor): number {
  return sizeOf(rowShape(x));
}

/** The number of rows. */
export function rowCount({ shape }: Tensor): number {
  return concrete(shape)[0] ?? 1;
}

/** True if this is a slice of whole rows. */
export function isSliceOfRows(node: Tensor): boolean {
  return node.isResultOf(sliceOp) && node.shape.length > 0 && sameShape(rowShape(node), rowShape(node.inputs[0]));
}

/** The first row of a slice of rows. */
export function firstRow(sliceOfRows: Tensor): number {
  return sliceOfRows.match(sliceOp)!.attributes.begin[0]!;
}

/** `count` rows of x from `first` on; x itself if these are all of its rows. */
export function rowsFrom(x: Tensor, first: number, count: number): Tensor {
  const row = rowShape(x);
  return count === rowCount(x) ? x : slice(x, [first, ...row.map(() => 0)], [count, ...row]);
}
