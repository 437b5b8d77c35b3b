import { sizeOf, stridesOf, type Shape } from "../../../src/engine/shape.ts";

/** A tensor of the reference: row-major float64. */
export interface Value {
  readonly shape: Shape;
  readonly data: Float64Array;
}

/** A tensor of these elements. */
export function valueOf(shape: Shape, data: ArrayLike<number>): Value {
  if (data.length !== sizeOf(shape)) throw new Error(`${data.length} elements do not fill [${shape.join(",")}]`);
  return { shape, data: Float64Array.from(data) };
}

/** Zeros to add to. */
export function zerosOf(shape: Shape): Value {
  return { shape, data: new Float64Array(sizeOf(shape)) };
}

/** f of each element. */
export function mapped(x: Value, f: (x: number, i: number) => number): Value {
  return { shape: x.shape, data: x.data.map(f) };
}

/** The magnitudes of the elements. */
export function magnitude(x: Value): Value {
  return mapped(x, Math.abs);
}

/**
 * The places of the elements of a tensor of these dims in another tensor, where one step along each axis skips
 * `strides`.
 */
export function offsetsOf(dims: Shape, strides: readonly number[], start = 0): Int32Array {
  let offsets = Int32Array.of(start);
  dims.forEach((dim, axis) => {
    const longer = new Int32Array(offsets.length * dim);
    for (let i = 0; i < longer.length; i++) longer[i] = offsets[Math.floor(i / dim)]! + (i % dim) * strides[axis]!;
    offsets = longer;
  });
  return offsets;
}

/**
 * The place from which each element of the broadcast result is read. An axis that is repeated does not move the place.
 */
export function broadcastOffsets(shape: Shape, to: Shape): Int32Array {
  const missing = to.length - shape.length;
  const strides = stridesOf(shape);
  return offsetsOf(
    to,
    to.map((_, axis) => (axis < missing || shape[axis - missing] === 1 ? 0 : strides[axis - missing]!)),
  );
}
