// Reductions over any axes, as the kernels take them: over the middle axis of [outer, count, inner].
import type { Buffer } from "../program/buffer.ts";
import type { Emitter } from "../program/emitter.ts";
import { normalizeAxes, sizeOf, stridesOf, type PartialShape, type Shape } from "../shape.ts";
import { BLOCK_ROWS, sumColumns } from "./columns.ts";
import { stridedView } from "./strided-view.ts";

/** The axes to reduce (default all; a negative one counts from the end), and whether they stay with size 1. */
export interface ReduceAttributes {
  readonly axes?: readonly number[];
  readonly keepDims?: boolean;
}

/** The shape rule of all reductions. @throws ArgumentError for bad axes. */
export function reducedShape(op: string, x: PartialShape, { axes, keepDims = false }: ReduceAttributes): PartialShape {
  const reduced = new Set(normalizeAxes(op, axes, x.length));
  return keepDims ? x.map((dim, axis) => (reduced.has(axis) ? 1 : dim)) : x.filter((_, axis) => !reduced.has(axis));
}

/** A reduction's operand as [outer, count, inner]; the axis of `count` elements is reduced. */
export interface ReducedView {
  readonly x: Buffer;
  readonly outer: number;
  readonly count: number;
  readonly inner: number;
}

/** Views x as [outer, count, inner]. If the reduced axes are not neighbours, a copy of x has them last. */
export function reducedView(emit: Emitter, op: string, x: Buffer, axes: readonly number[] | undefined): ReducedView {
  const reduced = normalizeAxes(op, axes, x.shape.length).filter((axis) => x.shape[axis] !== 1);
  if (reduced.length === 0) return { x, outer: x.size, count: 1, inner: 1 };
  const [first, last] = [reduced[0]!, reduced[reduced.length - 1]!];
  const together = x.shape.every((dim, axis) => axis < first || axis > last || dim === 1 || reduced.includes(axis));
  if (!together) return transposedView(emit, x, reduced);
  const product = (from: number, to: number): number => sizeOf(x.shape.slice(from, to));
  return { x, outer: product(0, first), count: product(first, last + 1), inner: product(last + 1, x.shape.length) };
}

function transposedView(emit: Emitter, x: Buffer, reduced: readonly number[]): ReducedView {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !reduced.includes(axis));
  const order = [...kept, ...reduced];
  const dims: Shape = order.map((axis) => x.shape[axis]!);
  const strides = stridesOf(x.shape);
  const copy = emit.scratch(dims);
  const permuted = order.map((axis) => strides[axis]!);
  emit.call("stridedCopy", [copy, x, stridedView(emit, dims, permuted)], copy.size);
  const count = sizeOf(reduced.map((axis) => x.shape[axis]!));
  return { x: copy, outer: x.size / count, count, inner: 1 };
}

/** y = Σ x over the axes, divided by their number of elements for a mean. A sum over many rows is made in blocks. */
export function lowerSum(
  emit: Emitter,
  op: string,
  y: Buffer,
  x: Buffer,
  axes: readonly number[] | undefined,
  meanOf: boolean,
): void {
  const view = reducedView(emit, op, x, axes);
  const divisor = meanOf ? view.count : 1;
  if (view.outer === 1 && view.count > BLOCK_ROWS) {
    sumColumns(emit, y, view.x, view.count, view.inner, divisor);
  } else {
    emit.call("sumAxis", [y, view.x, view.outer, view.count, view.inner, divisor], view.outer * view.inner);
  }
}
