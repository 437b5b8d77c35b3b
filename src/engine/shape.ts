import { checkList, checkNumbers } from "./arguments.ts";
import { ArgumentError, ShapeError } from "./errors.ts";

/** Sizes of a tensor's axes, outermost first; [] is a scalar. */
export type Shape = readonly number[];

/** One axis of a graph's tensor: its size, or null if only the fed data gives it (the batch). */
export type Dim = number | null;

/** A shape in the graph, before data is fed. */
export type PartialShape = readonly Dim[];

/** The treatment of the border by a window: "same" pads with zeros to ceil(in / stride), "valid" stays inside. */
export type Padding = "same" | "valid";

/** The most axes a tensor may have; the kernels' tables hold no more. */
export const MAX_RANK = 8;

/** Number of elements; 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((size, dim) => size * dim, 1);
}

/** "[50,28,28,1]", with ? for an unknown axis. */
export function formatShape(shape: PartialShape): string {
  return `[${shape.map((dim) => dim ?? "?").join(",")}]`;
}

/** True if every axis is known. */
export function isConcrete(shape: PartialShape): shape is Shape {
  return shape.every((dim) => dim !== null);
}

/** The shape, with all axes known. @throws ShapeError if one is not. */
export function concrete(shape: PartialShape): Shape {
  if (!isConcrete(shape)) throw new ShapeError(`shape ${formatShape(shape)} has an unknown axis`);
  return shape;
}

/** The rows and columns of a matrix's shape. @throws ShapeError for another rank. */
export function matrixDims(shape: Shape): readonly [rows: number, columns: number] {
  const [rows, columns] = shape;
  if (shape.length !== 2) throw new ShapeError(`shape ${formatShape(shape)} is not that of a matrix`);
  return [rows!, columns!];
}

/** The axes of images, [batch, height, width, channels], or of a filter. @throws ShapeError for another rank. */
export function imageDims(shape: Shape): readonly [batch: number, height: number, width: number, channels: number] {
  const [batch, height, width, channels] = shape;
  if (shape.length !== 4) throw new ShapeError(`shape ${formatShape(shape)} does not have four axes`);
  return [batch!, height!, width!, channels!];
}

/** True if both shapes are the same, axis by axis; an unknown axis equals only an unknown one. */
export function sameShape(a: PartialShape, b: PartialShape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

/** True if the axes could be the same once all are known. */
export function compatible(a: Dim, b: Dim): boolean {
  return a === null || b === null || a === b;
}

/** True if the shapes could be the same once all axes are known. */
export function compatibleShapes(a: PartialShape, b: PartialShape): boolean {
  return a.length === b.length && a.every((dim, axis) => compatible(dim, b[axis] ?? null));
}

/** A shape as users pass it: integers ≥ 1. @throws ShapeError naming `what`. */
export function checkShape(what: string, shape: PartialShape): void {
  checkList(`${what}: shape`, shape);
  if (shape.length > MAX_RANK) {
    throw new ShapeError(
      `${what}: shape ${formatShape(shape)} has ${shape.length} axes; at most ${MAX_RANK} are allowed`,
    );
  }
  if (!shape.every((dim) => dim === null || (Number.isInteger(dim) && dim >= 1))) {
    throw new ShapeError(`${what}: shape ${formatShape(shape)} is not made of integers ≥ 1`);
  }
}

/**
 * The shape of an elementwise result. Axes are matched from the last, and an axis of size 1 is repeated
 * (https://numpy.org/doc/stable/user/basics.broadcasting.html). @throws ShapeError naming `op` and both shapes.
 */
export function broadcastShapes(op: string, a: PartialShape, b: PartialShape): PartialShape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const x = axisFromEnd(a, rank - axis);
    const y = axisFromEnd(b, rank - axis);
    if (x === 1) return y;
    if (y === 1 || x === y) return x;
    if (x === null || y === null) return x ?? y;
    throw new ShapeError(
      `${op}: a ${formatShape(a)} and b ${formatShape(b)} do not broadcast: ` +
        `axis ${axis} is ${x} and ${y}, and neither is 1`,
    );
  });
}

function axisFromEnd(shape: PartialShape, fromEnd: number): Dim {
  const dim = shape[shape.length - fromEnd];
  return dim === undefined ? 1 : dim;
}

/**
 * Axes as numbers from 0, sorted, each once; negative ones count from the end. Undefined means all axes.
 * @throws ArgumentError.
 */
export function normalizeAxes(op: string, axes: readonly number[] | undefined, rank: number): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  checkNumbers(`${op}: axes`, axes);
  const normalized = axes.map((axis) => normalizeAxis(op, axis, rank));
  if (new Set(normalized).size !== axes.length) {
    throw new ArgumentError(`${op}: axes [${axes.join(",")}] name an axis twice`);
  }
  return normalized.sort((a, b) => a - b);
}

/** One axis as a number from 0. @throws ArgumentError for one outside −rank … rank−1. */
export function normalizeAxis(op: string, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new ArgumentError(`${op}: axis ${axis} is not an integer from ${-rank} to ${rank - 1}`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** Row-major strides in elements: shape [2,3,4] → [12,4,1]. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}
