// Pools over windows, and their gradients.
import type { PoolAttributes, PoolGradAttributes } from "../../../src/engine/lowering/pool-shape.ts";
import type { Shape } from "../../../src/engine/shape.ts";
import { reference, sumOfProducts, type Reference } from "./reference.ts";
import { mapped, zerosOf, type Value } from "./value.ts";
import { forEachTap } from "./windows.ts";

/** Visits each (element of x, its number in the window, element of y) of a pool, channel by channel. */
function forEachPooled(
  x: Shape,
  y: Shape,
  attributes: PoolAttributes,
  visit: (x: number, tap: number, y: number) => void,
): void {
  forEachTap(x, attributes.window, y, attributes, (xStart, tap, yStart) => {
    for (let c = 0; c < x[3]!; c++) visit(xStart + c, tap, yStart + c);
  });
}

/** How many elements of each window lie inside the image. */
function counts(x: Shape, y: Shape, attributes: PoolAttributes): Float64Array {
  const count = zerosOf(y).data;
  forEachPooled(x, y, attributes, (_, _tap, iy) => count[iy]!++);
  return count;
}

const avgPool: Reference<PoolAttributes>["values"] = ([x], attributes, shape) => {
  const y = zerosOf(shape);
  forEachPooled(x!.shape, shape, attributes, (ix, _, iy) => (y.data[iy]! += x!.data[ix]!));
  const count = counts(x!.shape, shape, attributes);
  return [mapped(y, (sum, i) => sum / count[i]!)];
};

const avgPoolGrad: Reference<PoolGradAttributes>["values"] = ([dy], attributes) => {
  const dx = zerosOf(attributes.xShape);
  const count = counts(dx.shape, dy!.shape, attributes);
  forEachPooled(dx.shape, dy!.shape, attributes, (ix, _, iy) => (dx.data[ix]! += dy!.data[iy]! / count[iy]!));
  return [dx];
};

function maxPool([x]: readonly Value[], attributes: PoolAttributes, shape: Shape): readonly Value[] {
  const y = mapped(zerosOf(shape), () => -Infinity);
  const index = zerosOf(shape);
  forEachPooled(x!.shape, shape, attributes, (ix, tap, iy) => {
    if (x!.data[ix]! <= y.data[iy]!) return; // of a tie the first has won
    y.data[iy] = x!.data[ix]!;
    index.data[iy] = tap;
  });
  return [y, index];
}

const maxPoolGrad: Reference<PoolGradAttributes>["values"] = ([dy, index], attributes) => {
  const dx = zerosOf(attributes.xShape);
  forEachPooled(dx.shape, dy!.shape, attributes, (ix, tap, iy) => {
    if (index!.data[iy] === tap) dx.data[ix]! += dy!.data[iy]!;
  });
  return [dx];
};

const windowSize = (_: readonly Value[], { window }: PoolAttributes): number => window[0] * window[1];

/** Pools by name. Where windows overlap, a max pool's gradient is a sum. */
export const pools: Readonly<Record<string, Reference>> = {
  avgPool: reference({ values: avgPool, bounds: sumOfProducts(avgPool, windowSize) }),
  avgPoolGrad: reference({ values: avgPoolGrad, bounds: sumOfProducts(avgPoolGrad, windowSize) }),
  maxPool: reference<PoolAttributes>({ values: maxPool, integers: [1] }),
  maxPoolGrad: reference<PoolGradAttributes>({
    values: maxPoolGrad,
    bounds: (inputs, attributes, results) =>
      overlaps(attributes) ? sumOfProducts(maxPoolGrad, windowSize)(inputs, attributes, results) : [undefined],
  }),
};

function overlaps({ window, strides }: PoolAttributes): boolean {
  return strides[0] < window[0] || strides[1] < window[1];
}
