import { checkOptionNames } from "../arguments.ts";
import { apply, saved } from "../graph/graph.ts";
import type { Inputs } from "../graph/operation.ts";
import type { Tensor } from "../graph/tensor.ts";
import { combineBlocks, partialSums } from "../lowering/columns.ts";
import {
  algorithmOf,
  emitConvolution,
  emitFilterGradient,
  emitInputGradient,
  makesWholeImages,
} from "../lowering/convolution/convolution.ts";
import { geometryTable } from "../lowering/convolution/geometry-table.ts";
import {
  maskedPool,
  maskedSource,
  maskWords,
  poolTarget,
  relusOf,
  tensorSource,
  tensorTarget,
  type Source,
} from "../lowering/convolution/images.ts";
import { poolShape, type PoolAttributes } from "../lowering/pool-shape.ts";
import type { Buffer } from "../program/buffer.ts";
import type { Emitter } from "../program/emitter.ts";
import { concrete, imageDims, type Padding, type Shape } from "../shape.ts";
import {
  checkPadding,
  pairOf,
  windowGeometry,
  type Pair,
  type WindowAttributes,
  type WindowGeometry,
} from "../window.ts";
import { biasGradient, checkBias } from "./add-bias.ts";
import { on } from "./cases.ts";
import { convolutionShape, filterWindow, type PoolEpilogue } from "./convolution-shape.ts";
import { partOfGradient, type OpDefinition, type ProductDefinition } from "./define-op.ts";
import { reluGrad } from "./unary.ts";

/** The convolution and its epilogue. */
type Conv2dAttributes = WindowAttributes & PoolEpilogue;

const SAME = { strides: [1, 1], padding: "same" } as const;
const SAME_BY_2 = { strides: [2, 2], padding: "same" } as const;
const VALID = { strides: [1, 1], padding: "valid" } as const;
const POOL = { window: [2, 2], strides: [2, 2], padding: "same" } as const;
const TALL_POOL = { window: [5, 2], strides: [5, 2], padding: "valid" } as const;

/** A bias is the last input. The epilogue is applied to a few images at a time, while they are in the cache. */
export const conv2dOp: ProductDefinition<Conv2dAttributes, 2 | 3> = {
  name: "conv2d",
  rows: 1,
  zeros: ({ relu, pool }) => (relu && !pool ? "many" : "few"),
  weights: 1,
  epilogues: ["bias", "relu", "pool"],
  accumulates: undefined,
  takesPool: (pool, [x, filter], attributes) =>
    // With one channel, the gradient of the bias is summed in other chains (sumRun in assembly/reduce/row-sums.ts).
    filter[3] !== 1 &&
    coversOnce(convolvedShape(x, filter, attributes), pool) &&
    makesWholeImages(geometryOf(x, filter, attributes), imageDims(filter)[3]),
  roundsWithBias: ([x, filter], attributes) =>
    algorithmOf(geometryOf(x, filter, attributes), imageDims(filter)[3]) !== "patches",
  shape([x, filter, bias], attributes) {
    const y = convolutionShape("conv2d", x, filter, attributes);
    if (bias) checkBias("conv2d", y, bias);
    return attributes.pool ? poolShape("conv2d", y, attributes.pool) : y;
  },
  /**
   * With a pool: a mask of the elements that relu let through, one bit each, as [batch, height, width, ⌈channels/32⌉]
   * integers.
   */
  saved([x, filter], attributes) {
    if (!attributes.pool) return [];
    const [batch, height, width, channels] = imageDims(convolvedShape(x, filter, attributes));
    return [[batch, height, width, maskWords(channels)]];
  },
  gradient(dy, [x, filter, bias], { strides, padding, relu, pool }, y) {
    const through = pool && { mask: saved(y, 0), pool };
    const dz = relu && !pool ? reluGrad(dy, y) : dy;
    const gradients = convolutionGradients(dz, x, filter, { strides, padding }, through);
    if (bias === undefined) return gradients;
    return [...gradients, through ? conv2dBiasGrad(dy, through) : biasGradient(dz)];
  },
  lower(emit, y, [x, filter, bias], attributes, [mask]) {
    const { pool, relu = false } = attributes;
    const target = pool ? poolTarget(emit, maskedPool(y, mask!, pool)) : tensorTarget(y);
    const geometry = geometryOf(x.shape, filter.shape, attributes);
    emitConvolution(emit, target, tensorSource(x), filter, geometry, bias && { bias, relu });
  },
  cases: () => [
    on([2, 4, 5, 2], [3, 3, 2, 3], SAME),
    on([2, 6, 5, 1], [3, 3, 1, 2], SAME_BY_2),
    on([1, 5, 6, 2], [2, 3, 2, 1], { strides: [1, 2], padding: "valid" }),
    on([2, 3, 3, 3], [1, 1, 3, 2], SAME),
    on([1, 3, 4, 16], [3, 2, 16, 1], SAME),
    on([1, 4, 4, 2], [1, 1, 2, 1], SAME_BY_2),
    on([1, 5, 3, 16], [2, 2, 16, 17], SAME),
    on([2, 4, 5, 2], [3, 3, 2, 3], [3], { ...SAME, bias: true, relu: true }),
    on([2, 6, 5, 1], [3, 3, 1, 2], [2], { strides: [2, 2], padding: "valid", bias: true }),
    on([2, 4, 5, 2], [3, 3, 2, 3], [3], { ...SAME, bias: true, relu: true, pool: POOL }),
    on([2, 6, 5, 1], [2, 2, 1, 34], [34], { ...VALID, bias: true, relu: true, pool: TALL_POOL }),
    on([1, 4, 3, 16], [2, 2, 16, 17], [17], { ...SAME, bias: true, relu: true, pool: POOL }),
  ],
};

/** The convolution's attributes and the shape of the x whose gradient this is. */
export interface Conv2dInputGradAttributes extends WindowAttributes {
  readonly xShape: Shape;
  /** The pool, and the relu before it, through which dy comes back. Their mask is the last input. */
  readonly through?: PoolAttributes;
}

export const conv2dInputGradOp: OpDefinition<Conv2dInputGradAttributes, 2 | 3> = {
  ...partOfGradient("conv2dInputGrad"),
  zeros: "few",
  shape: (_, { xShape }) => xShape,
  lower(emit, dx, [dy, filter, mask], attributes) {
    const { source, shape } = gradientSource(emit, dy, mask, attributes.through);
    const geometry = windowGeometry(dx.shape, filterWindow(filter.shape), shape, attributes);
    emitInputGradient(emit, tensorTarget(dx), source, filter, geometry);
  },
  // This mask has no bit set (the float 0 has the bits of the integer 0). The cases of conv2d itself have real masks.
  cases: () => [
    on([2, 4, 5, 3], [3, 3, 2, 3], { ...SAME, xShape: [2, 4, 5, 2] }),
    on([2, 3, 3, 3], [3, 3, 17, 3], { ...VALID, xShape: [2, 5, 5, 17] }),
    on([2, 3, 3, 2], [3, 3, 1, 2], { ...SAME_BY_2, xShape: [2, 6, 5, 1] }),
    {
      ...on([2, 2, 3, 3], [3, 3, 2, 3], [2, 4, 5, 1], { ...SAME, through: POOL, xShape: [2, 4, 5, 2] }),
      zeros: [2],
    },
  ],
};

/** The convolution's attributes and the shape of the filter whose gradient this is. */
export type Conv2dFilterGradAttributes = WindowAttributes & { readonly filterShape: Shape } & (
    | { readonly through?: never; readonly accumulate?: never }
    /** The pool, and the relu before it, through which dy comes back. Their mask is the last input. */
    | { readonly through: PoolAttributes; readonly accumulate?: never }
    /** True if the first input is added. Each sum is finished before that, so the bits are those of `add`. */
    | { readonly through?: never; readonly accumulate: true }
  );

export const conv2dFilterGradOp: OpDefinition<Conv2dFilterGradAttributes, 2 | 3> = {
  ...partOfGradient("conv2dFilterGrad"),
  zeros: "few",
  accumulates: (_, { through, accumulate }) => !through && !accumulate,
  shape: (_, { filterShape }) => filterShape,
  lower(emit, dFilter, inputs, attributes) {
    const { addend, dy, x, mask } = filterGradOperands(inputs, attributes);
    if (addend) emit.beginWith(dFilter, addend);
    const { source, shape } = gradientSource(emit, dy, mask, attributes.through);
    const geometry = windowGeometry(x.shape, filterWindow(dFilter.shape), shape, attributes);
    emitFilterGradient(emit, dFilter, tensorSource(x), source, geometry, addend !== undefined);
  },
  cases: () => [
    on([2, 4, 5, 3], [2, 4, 5, 2], { ...SAME, filterShape: [3, 3, 2, 3] }),
    on([2, 3, 3, 2], [2, 6, 5, 1], { ...SAME_BY_2, filterShape: [3, 3, 1, 2] }),
    {
      ...on([2, 2, 3, 3], [2, 4, 5, 2], [2, 4, 5, 1], { ...SAME, through: POOL, filterShape: [3, 3, 2, 3] }),
      zeros: [2],
    },
    on([3, 3, 2, 3], [2, 4, 5, 3], [2, 4, 5, 2], { ...SAME, accumulate: true, filterShape: [3, 3, 2, 3] }),
  ],
};

/** The gradient of the bias of a convolution with a pool. Without a pool it is `biasGradient`. */
export const conv2dBiasGradOp: OpDefinition<{ readonly through: PoolAttributes }, 2> = {
  ...partOfGradient("conv2dBiasGrad"),
  zeros: "few",
  shape: ([dy]) => [dy[3]!],
  lower(emit, dBias, [dy, mask], { through }) {
    const { geometry } = maskedPool(dy, mask, through);
    const { batch, inHeight, inWidth, inChannels } = geometry;
    const partial = partialSums(emit, batch * inHeight * inWidth, inChannels);
    emit.call("maskedAvgPoolGradSums", [partial, dy, mask, geometryTable(emit, geometry), 0], partial.shape[0]!);
    combineBlocks(emit, dBias, partial, 1);
  },
  cases: () => [{ ...on([2, 2, 3, 3], [2, 4, 5, 1], { through: POOL }), zeros: [1] }],
};

/** A convolution's steps and border as users give them; strides default to 1, padding to "same". */
export interface Conv2dOptions {
  readonly strides?: number | Pair;
  readonly padding?: Padding;
}

/**
 * 2-D convolution, as TensorFlow's: x [batch, height, width, inChannels], filter [height, width, inChannels,
 * outChannels] → [batch, outHeight, outWidth, outChannels].
 * (https://www.tensorflow.org/api_docs/python/tf/nn/conv2d)
 * @throws ShapeError for other ranks, channels that differ or a window that does not fit; ArgumentError for options.
 */
export function conv2d(x: Tensor, filter: Tensor, options: Conv2dOptions = {}): Tensor {
  checkOptionNames("conv2d", options, ["strides", "padding"]);
  return apply(conv2dOp, [x, filter], windowAttributes("conv2d", options));
}

/** Options with their defaults. @throws ArgumentError for bad ones. */
export function windowAttributes(op: string, { strides = 1, padding = "same" }: Conv2dOptions): WindowAttributes {
  checkPadding(op, padding);
  return { strides: pairOf(op, "strides", strides), padding };
}

/** A pool through which a gradient comes back, and the mask of the elements that the relu before it let through. */
interface Through {
  readonly mask: Tensor;
  readonly pool: PoolAttributes;
}

/** [dx, dFilter] from dy: the gradient of the convolution's result or, with `through`, of the pool's result. */
export function convolutionGradients(
  dy: Tensor,
  x: Tensor,
  filter: Tensor,
  attributes: WindowAttributes,
  through?: Through,
): [dx: Tensor, dFilter: Tensor] {
  return [
    conv2dInputGrad(dy, filter, { ...attributes, xShape: concrete(x.shape) }, through),
    conv2dFilterGrad(dy, x, { ...attributes, filterShape: concrete(filter.shape) }, through),
  ];
}

/** dx [xShape] of conv2d, from dy [batch, outHeight, outWidth, outChannels] and the filter. */
export function conv2dInputGrad(
  dy: Tensor,
  filter: Tensor,
  attributes: WindowAttributes & { readonly xShape: Shape },
  through?: Through,
): Tensor {
  if (through === undefined) return apply(conv2dInputGradOp, [dy, filter], attributes);
  return apply(conv2dInputGradOp, [dy, filter, through.mask], { ...attributes, through: through.pool });
}

/** dFilter [filterShape] of conv2d, from dy [batch, outHeight, outWidth, outChannels] and x. */
export function conv2dFilterGrad(
  dy: Tensor,
  x: Tensor,
  attributes: WindowAttributes & { readonly filterShape: Shape },
  through?: Through,
): Tensor {
  if (through === undefined) return apply(conv2dFilterGradOp, [dy, x], attributes);
  return apply(conv2dFilterGradOp, [dy, x, through.mask], { ...attributes, through: through.pool });
}

/**
 * dBias [channels] of a convolution with a pool, from the pool's dy and the mask. With two or more channels its order
 * of summation, and so its bits, are those of `biasGradient` on the convolution's gradient, which is not made here.
 */
export function conv2dBiasGrad(dy: Tensor, { mask, pool }: Through): Tensor {
  return apply(conv2dBiasGradOp, [dy, mask], { through: pool });
}

interface FilterGradOperands<T> {
  readonly addend?: T;
  readonly dy: T;
  readonly x: T;
  readonly mask?: T | undefined;
}

/** The inputs by name. */
function filterGradOperands<T>(
  [first, second, third]: Inputs<T, 2 | 3>,
  { accumulate }: Conv2dFilterGradAttributes,
): FilterGradOperands<T> {
  return accumulate ? { addend: first, dy: second, x: third! } : { dy: first, x: second, mask: third };
}

/** The gradient of the convolution's result, and its shape: dy itself, or dy brought back through the pool. */
function gradientSource(
  emit: Emitter,
  dy: Buffer,
  mask: Buffer | undefined,
  through: PoolAttributes | undefined,
): { readonly source: Source; readonly shape: Shape } {
  if (mask === undefined || through === undefined) return { source: tensorSource(dy), shape: dy.shape };
  return { source: maskedSource(emit, maskedPool(dy, mask, through)), shape: relusOf(dy, mask) };
}

/** The shape of the convolution's result, before a pool. */
function convolvedShape(x: Shape, filter: Shape, attributes: WindowAttributes): Shape {
  return concrete(convolutionShape("conv2d", x, filter, attributes));
}

function geometryOf(x: Shape, filter: Shape, attributes: WindowAttributes): WindowGeometry {
  return windowGeometry(x, filterWindow(filter), convolvedShape(x, filter, attributes), attributes);
}

/** True if every pixel of x lies in exactly one window. */
function coversOnce(x: Shape, pool: PoolAttributes): boolean {
  const y = concrete(poolShape("conv2d", x, pool));
  const { inHeight, inWidth, outHeight, outWidth, padTop, padLeft } = windowGeometry(x, pool.window, y, pool);
  const [height, width] = pool.window;
  const apart = height === pool.strides[0] && width === pool.strides[1];
  return apart && outHeight * height - padTop >= inHeight && outWidth * width - padLeft >= inWidth;
}
