// Sums over the rows of a [rows, channels] view, in two stages. The order of summation is the same for any number of
// threads.
import type { Buffer } from "../program/buffer.ts";
import type { Emitter } from "../program/emitter.ts";
import { BLOCK_ROWS } from "../runtime/sizes.generated.ts";
import { matrixDims } from "../shape.ts";

// Number of rows in one partial sum; part of the numerics.
export { BLOCK_ROWS } from "../runtime/sizes.generated.ts";

/** A buffer for one sum of each column over each block of rows: [⌈rows/256⌉, columns]. */
export function partialSums(emit: Emitter, rows: number, columns: number): Buffer {
  return emit.scratch([Math.ceil(rows / BLOCK_ROWS), columns]);
}

/** y = Σ over blocks of partial / divisor, for each column. */
export function combineBlocks(emit: Emitter, y: Buffer, partial: Buffer, divisor: number): void {
  const [blocks, columns] = matrixDims(partial.shape);
  emit.call("sumAxis", [y, partial, 1, blocks, columns, divisor], columns);
}

/** y [channels] = Σ over rows of x [rows, channels] / divisor. */
export function sumColumns(emit: Emitter, y: Buffer, x: Buffer, rows: number, channels: number, divisor: number): void {
  const partial = partialSums(emit, rows, channels);
  emit.call("columnSums", [partial, x, rows, channels], partial.shape[0]!);
  combineBlocks(emit, y, partial, divisor);
}
