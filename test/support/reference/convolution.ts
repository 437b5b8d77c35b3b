// Convolution, its two gradients, and the forms that the rewrites give them.
import type { Conv2dFilterGradAttributes, Conv2dInputGradAttributes } from "../../../src/engine/ops/conv2d.ts";
import type { MapFilterAttributes, Matrix } from "../../../src/engine/ops/map-filter.ts";
import { sizeOf, type Shape } from "../../../src/engine/shape.ts";
import type { WindowAttributes } from "../../../src/engine/window.ts";
import { filterGradErrors, inputGradErrors, outputErrors } from "./fft-errors.ts";
import { biased } from "./products.ts";
import { filterGradMagnitudes, inputGradMagnitudes, outputMagnitudes, type Magnitudes } from "./minimal-magnitudes.ts";
import { reference, sumOfProducts, UNIT, type Reference } from "./reference.ts";
import { mapped, zerosOf, type Value } from "./value.ts";
import { forEachTap } from "./windows.ts";

/** Visits every product of an element of x with a row of the filter [outChannels] that is part of a row of y. */
function forEachProduct(
  x: Shape,
  filter: Shape,
  y: Shape,
  attributes: WindowAttributes,
  visit: (x: number, filterStart: number, yStart: number) => void,
): void {
  const [height, width, inChannels, outChannels] = filter as [number, number, number, number];
  forEachTap(x, [height, width], y, attributes, (xStart, tap, yStart) => {
    for (let i = 0; i < inChannels; i++) visit(xStart + i, (tap * inChannels + i) * outChannels, yStart);
  });
}

const conv2d: Reference<WindowAttributes>["values"] = ([x, filter], attributes, shape) => {
  const y = zerosOf(shape);
  const outChannels = shape[3]!;
  forEachProduct(x!.shape, filter!.shape, shape, attributes, (ix, iw, iy) => {
    for (let o = 0; o < outChannels; o++) y.data[iy + o]! += x!.data[ix]! * filter!.data[iw + o]!;
  });
  return [y];
};

const conv2dBias: Reference<WindowAttributes & { readonly relu?: true }>["values"] = (
  [x, filter, bias],
  attributes,
  shape,
) => {
  const [y] = conv2d([x!, filter!], attributes, shape);
  return [biased(y!, bias!, attributes.relu === true)];
};

const inputGrad: Reference<Conv2dInputGradAttributes>["values"] = ([dy, filter], attributes) => {
  const dx = zerosOf(attributes.xShape);
  const outChannels = dy!.shape[3]!;
  forEachProduct(dx.shape, filter!.shape, dy!.shape, attributes, (ix, iw, iy) => {
    for (let o = 0; o < outChannels; o++) dx.data[ix]! += dy!.data[iy + o]! * filter!.data[iw + o]!;
  });
  return [dx];
};

const filterGrad: Reference<Conv2dFilterGradAttributes>["values"] = ([dy, x], attributes) => {
  const dFilter = zerosOf(attributes.filterShape);
  const outChannels = dy!.shape[3]!;
  forEachProduct(x!.shape, dFilter.shape, dy!.shape, attributes, (ix, iw, iy) => {
    for (let o = 0; o < outChannels; o++) dFilter.data[iw + o]! += dy!.data[iy + o]! * x!.data[ix]!;
  });
  return [dFilter];
};

const filterGradAdd: Reference<Conv2dFilterGradAttributes>["values"] = ([addend, dy, x], attributes, shape) => {
  const [dFilter] = filterGrad([dy!, x!], attributes, shape);
  return [mapped(dFilter!, (value, i) => addend!.data[i]! + value)];
};

const mapFilter: Reference<MapFilterAttributes>["values"] = ([filter], { rows, columns }, shape) => {
  const [height, width] = filter!.shape as [number, number];
  const channels = filter!.data.length / (height * width);
  const y = zerosOf(shape);
  rows.forEach((row, p) => {
    columns.forEach((column, q) => {
      row.forEach((a, i) => {
        column.forEach((b, j) => {
          for (let c = 0; c < channels; c++) {
            y.data[(p * columns.length + q) * channels + c]! += a * b * filter!.data[(i * width + j) * channels + c]!;
          }
        });
      });
    });
  });
  return [y];
};

/** The same sums of products, over the magnitudes of the maps' elements. */
const mapFilterOfSizes: Reference<MapFilterAttributes>["values"] = (inputs, { rows, columns }, shape) => {
  const sizes = (matrix: Matrix): Matrix => matrix.map((row) => row.map(Math.abs));
  return mapFilter(inputs, { rows: sizes(rows), columns: sizes(columns) }, shape);
};

const taps = (filter: Value): number => sizeOf(filter.shape.slice(0, 3));
const window = (filter: Value): number => sizeOf(filter.shape.slice(0, 2));
const positions = (dy: Value): number => sizeOf(dy.shape.slice(0, 3));

type Bounds<A> = NonNullable<Reference<A>["bounds"]>;

/** The amount that transforms add to the bound of a product of patches, where they take its place. */
interface Transforms<A> {
  /** The amount that Winograd's transforms add. */
  readonly minimal: (inputs: readonly Value[], attributes: A, y: Shape) => Magnitudes | undefined;
  readonly fft: (inputs: readonly Value[], attributes: A, y: Shape) => Float64Array | undefined;
}

function convolutionBounds<A>(direct: Bounds<A>, { minimal, fft }: Transforms<A>): Bounds<A> {
  return (inputs, attributes, results) => {
    const [own] = direct(inputs, attributes, results);
    const { shape } = results[0]!;
    const found = minimal(inputs, attributes, shape);
    const more = found?.sizes.map((size) => found.roundings * UNIT * size) ?? fft(inputs, attributes, shape);
    return [more?.map((size, i) => own![i]! + size) ?? own];
  };
}

const OUTPUT: Transforms<WindowAttributes> = {
  minimal: ([x, filter], attributes, y) => outputMagnitudes(x!, filter!, y, attributes),
  fft: ([x, filter], attributes, y) => outputErrors(x!, filter!, y, attributes),
};

const INPUT_GRADIENT: Transforms<Conv2dInputGradAttributes> = {
  minimal: ([dy, filter], attributes) => inputGradMagnitudes(dy!, filter!, attributes),
  fft: ([dy, filter], attributes) => inputGradErrors(dy!, filter!, attributes),
};

/** An operation whose last two inputs are dy and x. */
const FILTER_GRADIENT: Transforms<Conv2dFilterGradAttributes> = {
  minimal: (inputs, attributes) => filterGradMagnitudes(inputs.at(-2)!, inputs.at(-1)!, attributes),
  fft: (inputs, attributes) => filterGradErrors(inputs.at(-2)!, inputs.at(-1)!, attributes),
};

/**
 * The bound of a result that is computed as an input gradient is: each element is a sum of this many products, or is
 * computed by transforms.
 */
export function inputGradientBounds<A extends WindowAttributes>(
  values: Reference<A>["values"],
  termsOf: (inputs: readonly Value[]) => number,
): Bounds<A> {
  return convolutionBounds<A>(sumOfProducts(values, termsOf), {
    minimal: ([x, filter], attributes, xShape) => inputGradMagnitudes(x!, filter!, { ...attributes, xShape }),
    fft: ([x, filter], attributes, xShape) => inputGradErrors(x!, filter!, { ...attributes, xShape }),
  });
}

/** A convolution, with a bias and relu if the attributes say so. */
export const convolution: Reference = reference({
  values: conv2d,
  bounds: convolutionBounds(
    sumOfProducts(conv2d, ([, filter]) => taps(filter!)),
    OUTPUT,
  ),
});

export const biasedConvolution: Reference = reference({
  values: conv2dBias,
  bounds: convolutionBounds(
    sumOfProducts(conv2dBias, ([, filter]) => taps(filter!) + 1),
    OUTPUT,
  ),
});

/** The input gradient, from the gradient of the convolution's result. */
export const inputGradient: Reference = reference({
  values: inputGrad,
  bounds: convolutionBounds(
    sumOfProducts(inputGrad, ([dy, filter]) => window(filter!) * dy!.shape[3]!),
    INPUT_GRADIENT,
  ),
});

export const filterGradient: Reference = reference({
  values: filterGrad,
  bounds: convolutionBounds(
    sumOfProducts(filterGrad, ([dy]) => positions(dy!)),
    FILTER_GRADIENT,
  ),
});

export const addedFilterGradient: Reference = reference({
  values: filterGradAdd,
  bounds: convolutionBounds(
    sumOfProducts(filterGradAdd, ([, dy]) => positions(dy!) + 1),
    FILTER_GRADIENT,
  ),
});

export const mappedFilter: Reference = reference({
  values: mapFilter,
  // Each term is a product of three numbers.
  bounds: sumOfProducts(mapFilterOfSizes, ([filter]) => window(filter!) + 1),
});
