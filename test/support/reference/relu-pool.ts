// A convolution whose relu is pooled, and its gradients through the mask of what relu let through.
import type { Conv2dReluPoolAttributes } from "../../../src/engine/ops/fused/conv2d-relu-pool.ts";
import type { Conv2dReluPoolFilterGradAttributes } from "../../../src/engine/ops/gradients/conv2d-relu-pool-filter-grad.ts";
import type { Conv2dReluPoolInputGradAttributes } from "../../../src/engine/ops/gradients/conv2d-relu-pool-input-grad.ts";
import { sizeOf, type Shape } from "../../../src/engine/shape.ts";
import { windowShape } from "../../../src/engine/window.ts";
import { convolutions } from "./convolution.ts";
import { pools } from "./pooling.ts";
import { reference, UNIT, type Reference } from "./reference.ts";
import { mapped, valueOf, zerosOf, type Value } from "./value.ts";

/** What lies between convolution and pool. */
function betweenOf(x: Value, filter: Value, attributes: Conv2dReluPoolAttributes): Shape {
  const [height, width, , channels] = filter.shape as [number, number, number, number];
  return windowShape("conv2dReluPool", x.shape, [height, width], channels, attributes) as Shape;
}

const forward: Reference<Conv2dReluPoolAttributes>["values"] = ([x, filter, bias], attributes, shape) => {
  const between = betweenOf(x!, filter!, attributes);
  const inputs = [x!, filter!, bias!];
  const [relus] = convolutions.conv2dBias!.values(inputs, { ...attributes, relu: true }, between);
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

/** The gradient at the convolution's result: the pool's, where the mask has a bit. */
function unpooled(dy: Value, mask: Value, { pool }: Conv2dReluPoolAttributes): Value {
  const channels = dy.shape[3]!;
  const words = mask.shape[3]!;
  const xShape = [...mask.shape.slice(0, 3), channels];
  const [dRelu] = pools.avgPoolGrad!.values([dy], { ...pool, xShape }, xShape);
  return mapped(dRelu!, (value, i) => {
    const [pixel, c] = [Math.floor(i / channels), i % channels];
    return (mask.data[pixel * words + (c >> 5)]! >> (c & 31)) & 1 ? value : 0;
  });
}

const inputGrad: Reference<Conv2dReluPoolInputGradAttributes>["values"] = ([dy, mask, filter], attributes, shape) =>
  convolutions.conv2dInputGrad!.values([unpooled(dy!, mask!, attributes), filter!], attributes, shape);

const filterGrad: Reference<Conv2dReluPoolFilterGradAttributes>["values"] = ([dy, mask, x], attributes, shape) =>
  convolutions.conv2dFilterGrad!.values([unpooled(dy!, mask!, attributes), x!], attributes, shape);

const biasGrad: Reference<Conv2dReluPoolAttributes>["values"] = ([dy, mask], attributes, shape) => {
  const dBias = zerosOf(shape);
  unpooled(dy!, mask!, attributes).data.forEach((value, i) => (dBias.data[i % dBias.data.length]! += value));
  return [dBias];
};

/** The convolution's own bound on what is between, averaged by the pool, and what the pool's sum and quotient add. */
const forwardBounds: NonNullable<Reference<Conv2dReluPoolAttributes>["bounds"]> = (inputs, attributes, [y]) => {
  const [x, filter, bias] = inputs as [Value, Value, Value];
  const between = betweenOf(x, filter, attributes);
  const convolution = { ...attributes, relu: true };
  const results = convolutions.conv2dBias!.values([x, filter, bias], convolution, between);
  const [bounds] = convolutions.conv2dBias!.bounds!([x, filter, bias], convolution, results);
  const [carried] = pools.avgPool!.values([valueOf(between, bounds!)], attributes.pool, y!.shape);
  const [own] = pools.avgPool!.bounds!([results[0]!], attributes.pool, [y!]);
  return [carried!.data.map((bound, i) => bound + 2 * own![i]!)];
};

/** The gradient of what is between is off by one rounding, of a quotient. */
function carried(inner: string): NonNullable<Reference<Conv2dReluPoolAttributes>["bounds"]> {
  return ([dy, mask, other], attributes, results) => {
    const between = unpooled(dy!, mask!, attributes);
    const { values, bounds } = convolutions[inner]!;
    const [own] = bounds!([between, other!], attributes, results);
    const sizes = [between, other!].map((value) => mapped(value, Math.abs));
    const [size] = values(sizes, attributes, results[0]!.shape);
    return [own ? size!.data.map((sum, i) => own[i]! + 2 * UNIT * sum) : undefined];
  };
}

const biasGradBounds: NonNullable<Reference<Conv2dReluPoolAttributes>["bounds"]> = ([dy, mask], attributes, [y]) => {
  const [size] = biasGrad([mapped(dy!, Math.abs), mask!], attributes, y!.shape);
  const terms = sizeOf(mask!.shape.slice(0, 3)) + 2;
  return [size!.data.map((sum) => terms * UNIT * sum)];
};

/** Convolutions with relu and pool by name. */
export const reluPools: Readonly<Record<string, Reference>> = {
  conv2dReluPool: reference({ values: forward, bounds: forwardBounds, integers: [1] }),
  conv2dReluPoolInputGrad: reference({ values: inputGrad, bounds: carried("conv2dInputGrad") }),
  conv2dReluPoolFilterGrad: reference({ values: filterGrad, bounds: carried("conv2dFilterGrad") }),
  conv2dReluPoolBiasGrad: reference({ values: biasGrad, bounds: biasGradBounds }),
};
