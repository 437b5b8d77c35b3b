// The magnitudes of the numbers in a convolution by Winograd's transforms: they bound its rounding errors.
import { algorithmOf } from "../../../src/engine/lowering/convolution/convolution.ts";
import type { Conv2dFilterGradAttributes, Conv2dInputGradAttributes } from "../../../src/engine/ops/conv2d.ts";
import { sizeOf, type Shape } from "../../../src/engine/shape.ts";
import { windowGeometry, type WindowAttributes, type WindowGeometry } from "../../../src/engine/window.ts";
import { flippedGeometry } from "./flipped-geometry.ts";
import type { Value } from "./value.ts";
import { magnitudes, type Convolution } from "./winograd.ts";

/** For each element, the sum of the magnitudes of all its terms, and the most roundings that each may have seen. */
export interface Magnitudes {
  readonly sizes: Float64Array;
  readonly roundings: number;
}

/** The magnitudes for y = x ∗ filter; undefined where no transforms are used. */
export function outputMagnitudes(
  x: Value,
  filter: Value,
  y: Shape,
  attributes: WindowAttributes,
): Magnitudes | undefined {
  const g = windowGeometry(x.shape, [filter.shape[0]!, filter.shape[1]!], y, attributes);
  const found = convolutionOf(g, filter.shape[3]!);
  if (found === undefined) return undefined;
  const sizes = magnitudes(found, { x: x.data, filter: filter.data, dy: zeros(y) }).y;
  return { sizes, roundings: TRANSFORM_ROUNDINGS + g.inChannels + 1 };
}

/** The magnitudes for dx, which is a convolution of dy by the flipped filter. */
export function inputGradMagnitudes(
  dy: Value,
  filter: Value,
  attributes: Conv2dInputGradAttributes,
): Magnitudes | undefined {
  const [height, width, ins, outs] = filter.shape as [number, number, number, number];
  const g = windowGeometry(attributes.xShape, [height, width], dy.shape, attributes);
  const found = convolutionOf(flippedGeometry(g, outs), ins);
  if (found === undefined) return undefined;
  const turned = new Float64Array(filter.data.length);
  filter.data.forEach((value, i) => {
    const [tap, c, k] = [Math.floor(i / (ins * outs)), Math.floor(i / outs) % ins, i % outs];
    turned[((height * width - 1 - tap) * outs + k) * ins + c] = value;
  });
  const operands = { x: dy.data, filter: turned, dy: zeros(attributes.xShape) };
  return { sizes: magnitudes(found, operands).y, roundings: TRANSFORM_ROUNDINGS + outs + 1 };
}

/** The magnitudes for dFilter, whose terms come from all tiles of all images. */
export function filterGradMagnitudes(
  dy: Value,
  x: Value,
  attributes: Conv2dFilterGradAttributes,
): Magnitudes | undefined {
  const { filterShape } = attributes;
  const g = windowGeometry(x.shape, [filterShape[0]!, filterShape[1]!], dy.shape, attributes);
  const found = convolutionOf(g, filterShape[3]!);
  if (found === undefined) return undefined;
  const sizes = magnitudes(found, { x: x.data, filter: zeros(filterShape), dy: dy.data }).dFilter;
  return { sizes, roundings: TRANSFORM_ROUNDINGS + tiles(g) + 1 };
}

/**
 * On its way into an element a number passes a transform on both sides before the product and one after it, of at most
 * four roundings a side; the filter's, in float64, has one. Then the product, and the sum over channels or tiles. The
 * four are the most multiplications and additions in a row of five-points.ts: Bᵀ takes d0 through b² d0, d2 − b² d0, a
 * (d2 − b² d0) and that plus d3 − b² d1, Aᵀ takes m0 through m0 − m1, a³ (m0 − m1), that plus b³ (m2 − m3) and that
 * plus m4, A takes g3 through a² g3, g1 + a² g3, a (g1 + a² g3) and that plus g0 + a² g2. The factors have no rounding.
 */
const TRANSFORM_ROUNDINGS = 4 * 4 + 1;

function convolutionOf(g: WindowGeometry, outChannels: number): Convolution | undefined {
  if (algorithmOf(g, outChannels) !== "winograd") return undefined;
  return { w: { ...g, channels: g.inChannels }, outChannels };
}

function tiles({ batch, outHeight, outWidth }: WindowGeometry): number {
  return batch * Math.ceil(outHeight / 4) * Math.ceil(outWidth / 4);
}

function zeros(shape: Shape): Float64Array {
  return new Float64Array(sizeOf(shape));
}
