// Operations that move elements and do not change their values.
import type { AddAtAttributes } from "../../../src/engine/ops/add-at.ts";
import type { PadAttributes, SliceAttributes } from "../../../src/engine/ops/slice.ts";
import type { TransposeAttributes } from "../../../src/engine/ops/transpose.ts";
import { stridesOf, type Shape } from "../../../src/engine/shape.ts";
import { reference, roundings, type Reference } from "./reference.ts";
import { broadcastOffsets, mapped, offsetsOf, zerosOf, type Value } from "./value.ts";

/** y [shape] with y[i] = x[offsets[i]]. */
function gathered(x: Value, shape: Shape, offsets: Int32Array): Value {
  return mapped(zerosOf(shape), (_, i) => x.data[offsets[i]!]!);
}

/**
 * The places of the elements of a block of this shape in a tensor of shape `outer`, when the block starts at `begin`.
 */
function blockOffsets(block: Shape, outer: Shape, begin: readonly number[]): Int32Array {
  const strides = stridesOf(outer);
  const start = begin.reduce((sum, first, axis) => sum + first * strides[axis]!, 0);
  return offsetsOf(block, strides, start);
}

/** y with f(old, new) in the places of the block. */
function overlaid(y: Value, block: Value, begin: readonly number[], f: (old: number, patch: number) => number): Value {
  const offsets = blockOffsets(block.shape, y.shape, begin);
  const data = y.data.slice();
  block.data.forEach((value, i) => (data[offsets[i]!] = f(data[offsets[i]!]!, value)));
  return { shape: y.shape, data };
}

/** Layout operations by name. */
export const layout: Readonly<Record<string, Reference>> = {
  reshape: { values: ([x], _, shape) => [{ shape, data: x!.data }] },
  broadcastTo: { values: ([x], _, shape) => [gathered(x!, shape, broadcastOffsets(x!.shape, shape))] },
  transpose: reference<TransposeAttributes>({
    values([x], { permutation }, shape) {
      const strides = stridesOf(x!.shape);
      const permuted = permutation.map((axis) => strides[axis]!);
      return [gathered(x!, shape, offsetsOf(shape, permuted))];
    },
  }),
  slice: reference<SliceAttributes>({
    values: ([x], { begin }, shape) => [gathered(x!, shape, blockOffsets(shape, x!.shape, begin))],
  }),
  pad: reference<PadAttributes>({
    values([x], { paddings, value }, shape) {
      const frame = mapped(zerosOf(shape), () => value);
      const begin = paddings.map(([before]) => before);
      return [overlaid(frame, x!, begin, (_, inner) => inner)];
    },
  }),
  concat: reference<{ readonly axis: number }>({
    values(inputs, { axis }, shape) {
      let start = 0;
      return [
        inputs.reduce((y, x) => {
          const begin = shape.map((_, i) => (i === axis ? start : 0));
          start += x.shape[axis]!;
          return overlaid(y, x, begin, (_, value) => value);
        }, zerosOf(shape)),
      ];
    },
  }),
  addAt: reference<AddAtAttributes>({
    values: ([x, patch], { begin }) => [overlaid(x!, patch!, begin, (old, added) => old + added)],
    bounds: (_inputs, _attributes, [y]) => [roundings(y!, 1)],
  }),
};
