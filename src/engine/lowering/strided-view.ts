// Tables of the steps that strided kernels make: [rank, dims…, strides…], at most 8 axes, in elements.
import type { Buffer } from "../program/buffer.ts";
import type { Emitter } from "../program/emitter.ts";
import { stridesOf, type Shape } from "../shape.ts";

/** Strides that read `shape` as if it had been broadcast to `to`: 0 on an axis along which it is repeated. */
export function broadcastStrides(shape: Shape, to: Shape): number[] {
  const strides = stridesOf(shape);
  const missing = to.length - shape.length;
  return to.map((_, axis) => (axis < missing || shape[axis - missing] === 1 ? 0 : strides[axis - missing]!));
}

/** The table of one strided operand beside a contiguous one of shape `dims`. */
export function stridedView(emit: Emitter, dims: Shape, strides: readonly number[]): Buffer {
  return viewTable(emit, dims, [strides]);
}

/** The table of two operands that broadcast to `dims`. */
export function binaryView(emit: Emitter, dims: Shape, a: Shape, b: Shape): Buffer {
  return viewTable(emit, dims, [broadcastStrides(a, dims), broadcastStrides(b, dims)]);
}

function viewTable(emit: Emitter, dims: Shape, strides: readonly (readonly number[])[]): Buffer {
  const merged = mergeAxes(dims, strides);
  return emit.integers([merged.dims.length, ...merged.dims, ...merged.strides.flat()]);
}

/** Merges neighbouring axes that all operands walk as one axis, so that the innermost loop is as long as possible. */
function mergeAxes(
  dims: Shape,
  strides: readonly (readonly number[])[],
): { readonly dims: number[]; readonly strides: number[][] } {
  const merged: { dims: number[]; strides: number[][] } = { dims: [], strides: strides.map(() => []) };
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    if (dims[axis] === 1) continue;
    const joins =
      merged.dims.length > 0 && strides.every((s, i) => s[axis] === merged.strides[i]![0]! * merged.dims[0]!);
    if (joins) {
      merged.dims[0]! *= dims[axis]!;
      continue;
    }
    merged.dims.unshift(dims[axis]!);
    strides.forEach((s, i) => merged.strides[i]!.unshift(s[axis]!));
  }
  return merged.dims.length > 0 ? merged : { dims: [1], strides: strides.map(() => [0]) };
}
