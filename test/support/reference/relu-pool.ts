// A convolution whose relu is pooled, and its gradients through the mask of the elements that relu let through.
import type { PoolAttributes } from "../../../src/engine/lowering/pool-shape.ts";
import { sizeOf, type Shape } from "../../../src/engine/shape.ts";
import { windowShape, type WindowAttributes } from "../../../src/engine/window.ts";
import { biasedConvolution, filterGradient, inputGradient } from "./convolution.ts";
import { pools } from "./pooling.ts";
import { reference, UNIT, type Reference } from "./reference.ts";
import { mapped, valueOf, zerosOf, type Value } from "./value.ts";

type PooledAttributes = WindowAttributes & { readonly pool: PoolAttributes };

/** Attributes of a gradient that comes back through a pool. */
interface ThroughAttributes {
  readonly through: PoolAttributes;
}

/** The tensor between convolution and pool. */
function betweenOf(x: Value, filter: Value, attributes: PooledAttributes): Shape {
  const [height, width, , channels] = filter.shape as [number, number, number, number];
  return windowShape("conv2d", x.shape, [height, width], channels, attributes) as Shape;
}

const forward: Reference<PooledAttributes>["values"] = ([x, filter, bias], attributes, shape) => {
  const between = betweenOf(x!, filter!, attributes);
  const inputs = [x!, filter!, bias!];
  const [relus] = biasedConvolution.values(inputs, { ...attributes, relu: true }, between);
  const [y] = pools.avgPool!.values([relus!], attributes.pool, shape);
  return [y!, maskOf(relus!)];
};

/** One bit for each channel that is above 0, 32 to an integer. */
function maskOf(x: Value): Value {
  const channels = x.shape[3]!;
  const words = Math.ceil(channels / 32);
  const mask = zerosOf([...x.shape.slice(0, 3), words]);
  x.data.forEach((value, i) => {
    const [pixel, c] = [Math.floor(i / channels), i % channels];
    if (value > 0) mask.data[pixel * words + (c >> 5)]! |= 1 << (c & 31);
  });
  return mask;
}

/** The gradient at the convolution's result: the pool's gradient where the mask has a bit. */
function unpooled(dy: Value, mask: Value, { through }: ThroughAttributes): Value {
  const channels = dy.shape[3]!;
  const words = mask.shape[3]!;
  const xShape = [...mask.shape.slice(0, 3), channels];
  const [dRelu] = pools.avgPoolGrad!.values([dy], { ...through, xShape }, xShape);
  return mapped(dRelu!, (value, i) => {
    const [pixel, c] = [Math.floor(i / channels), i % channels];
    return (mask.data[pixel * words + (c >> 5)]! >> (c & 31)) & 1 ? value : 0;
  });
}

/** Another reference on the gradient that comes back through the pool; the mask is the last input. */
function throughPool(inner: Reference): Reference {
  const { values, bounds } = inner;
  return reference<ThroughAttributes>({
    values: ([dy, other, mask], attributes, shape) =>
      values([unpooled(dy!, mask!, attributes), other!], attributes, shape),
    // The gradient of the tensor in between is off by one rounding, of a quotient.
    bounds: ([dy, other, mask], attributes, results) => {
      const between = unpooled(dy!, mask!, attributes);
      const [own] = bounds!([between, other!], attributes, results);
      const sizes = [between, other!].map((value) => mapped(value, Math.abs));
      const [size] = values(sizes, attributes, results[0]!.shape);
      return [own ? size!.data.map((sum, i) => own[i]! + 2 * UNIT * sum) : undefined];
    },
  });
}

const biasGrad: Reference<ThroughAttributes>["values"] = ([dy, mask], attributes, shape) => {
  const dBias = zerosOf(shape);
  unpooled(dy!, mask!, attributes).data.forEach((value, i) => (dBias.data[i % dBias.data.length]! += value));
  return [dBias];
};

/** The convolution's own bound on what is between, averaged by the pool, and what the pool's sum and quotient add. */
const forwardBounds: NonNullable<Reference<PooledAttributes>["bounds"]> = (inputs, attributes, [y]) => {
  const [x, filter, bias] = inputs as [Value, Value, Value];
  const between = betweenOf(x, filter, attributes);
  const convolution = { ...attributes, relu: true } as const;
  const results = biasedConvolution.values([x, filter, bias], convolution, between);
  const [bounds] = biasedConvolution.bounds!([x, filter, bias], convolution, results);
  const [carried] = pools.avgPool!.values([valueOf(between, bounds!)], attributes.pool, y!.shape);
  const [own] = pools.avgPool!.bounds!([results[0]!], attributes.pool, [y!]);
  return [carried!.data.map((bound, i) => bound + 2 * own![i]!)];
};

const biasGradBounds: NonNullable<Reference<ThroughAttributes>["bounds"]> = ([dy, mask], attributes, [y]) => {
  const [size] = biasGrad([mapped(dy!, Math.abs), mask!], attributes, y!.shape);
  const terms = sizeOf(mask!.shape.slice(0, 3)) + 2;
  return [size!.data.map((sum) => terms * UNIT * sum)];
};

/** A convolution with bias, relu and pool; it keeps the mask. */
export const pooledConvolution: Reference = reference({ values: forward, bounds: forwardBounds });

/** The gradients of this convolution. */
export const pooledInputGradient: Reference = throughPool(inputGradient);
export const pooledFilterGradient: Reference = throughPool(filterGradient);
export const pooledBiasGradient: Reference = reference({ values: biasGrad, bounds: biasGradBounds });
