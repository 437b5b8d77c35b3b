// Sums over the rows of a [rows, channels] view, in two stages whose order of summation no number of threads changes.
import type { Buffer } from "../program/buffer.ts";
import type { Emitter } from "../program/emitter.ts";
import { BLOCK_ROWS } from "../runtime/sizes.generated.ts";

// Rows that one partial sum covers; part of the numerics.
export { BLOCK_ROWS } from "../runtime/sizes.generated.ts";

/** So many sums over each block of a view's rows: [⌈rows/256⌉, columns]. */
export function partialSums(emit: Emitter, rows: number, columns: number): Buffer {
  return emit.scratch([Math.ceil(rows / BLOCK_ROWS), columns]);
}

/** y = Σ over blocks of partial / divisor, for each column. */
export function combineBlocks(emit: Emitter, y: Buffer, partial: Buffer, divisor: number): void {
  const [blocks, columns] = partial.shape as [number, number];
  emit.call("sumAxis", [y, partial, 1, blocks, columns, divisor], columns);
}

/** y [channels] = Σ over rows of x [rows, channels] / divisor. */
export function sumColumns(emit: Emitter, y: Buffer, x: Buffer, rows: number, channels: number, divisor: number): void {
  const partial = partialSums(emit, rows, channels);
  emit.call("columnSums", [partial, x, rows, channels], partial.shape[0]!);
  combineBlocks(emit, y, partial, divisor);
}
