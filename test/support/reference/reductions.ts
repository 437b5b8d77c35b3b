// Reductions over axes.
import type { ReduceAttributes } from "../../../src/engine/lowering/reduce.ts";
import { stridesOf, type Shape } from "../../../src/engine/shape.ts";
import { reference, sumOfProducts, type Reference } from "./reference.ts";
import { mapped, offsetsOf, zerosOf, type Value } from "./value.ts";

/** y [shape] of x: `start` everywhere, then y = f(y, element) for each element of x that falls on it, in order. */
function folded(
  x: Value,
  axes: readonly number[] | undefined,
  shape: Shape,
  start: number,
  f: (sofar: number, element: number) => number,
): Value {
  const reduced = new Set(
    (axes ?? x.shape.map((_, axis) => axis)).map((axis) => (axis + x.shape.length) % x.shape.length),
  );
  const kept = x.shape.map((dim, axis) => (reduced.has(axis) ? 1 : dim));
  const strides = stridesOf(kept).map((stride, axis) => (reduced.has(axis) ? 0 : stride));
  const y = mapped(zerosOf(shape), () => start);
  const offsets = offsetsOf(x.shape, strides);
  x.data.forEach((element, i) => (y.data[offsets[i]!] = f(y.data[offsets[i]!]!, element)));
  return y;
}

const plus = (a: number, b: number): number => a + b;
const count = ([x]: readonly Value[], _: ReduceAttributes, y: Shape): number => x!.data.length / zerosOf(y).data.length;

const sumValues: Reference<ReduceAttributes>["values"] = ([x], { axes }, shape) => [folded(x!, axes, shape, 0, plus)];

const meanValues: Reference<ReduceAttributes>["values"] = ([x], attributes, shape) => {
  const [sum] = sumValues([x!], attributes, shape);
  const terms = count([x!], attributes, shape);
  return [mapped(sum!, (total) => total / terms)];
};

/** Reductions by name. */
export const reductions: Readonly<Record<string, Reference>> = {
  sum: reference({ values: sumValues, bounds: sumOfProducts(sumValues, count) }),
  mean: reference({ values: meanValues, bounds: sumOfProducts(meanValues, count) }),
  max: reference<ReduceAttributes>({
    values: ([x], { axes }, shape) => [folded(x!, axes, shape, -Infinity, Math.max)],
  }),
};
