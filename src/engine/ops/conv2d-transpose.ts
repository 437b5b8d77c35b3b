import { checkOptionNames } from "../arguments.ts";
import { ShapeError } from "../errors.ts";
import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { algorithmOfInputGradient, emitInputGradient } from "../lowering/convolution/convolution.ts";
import { tensorSource, tensorTarget } from "../lowering/convolution/images.ts";
import {
  compatible,
  concrete,
  formatShape,
  imageDims,
  isConcrete,
  type Dim,
  type PartialShape,
  type Shape,
} from "../shape.ts";
import {
  pairOf,
  windowGeometry,
  windowOutput,
  type Pair,
  type WindowAttributes,
  type WindowGeometry,
} from "../window.ts";
import { biasGradient, checkBias } from "./add-bias.ts";
import { on } from "./cases.ts";
import { conv2d, conv2dFilterGrad, windowAttributes, type Conv2dOptions } from "./conv2d.ts";
import { filterWindow, type BiasEpilogue } from "./convolution-shape.ts";
import type { ProductDefinition } from "./define-op.ts";
import { reluGrad } from "./unary.ts";

/** The window, the height and width of the result if they are given, and the epilogue. */
type TransposeAttributes = WindowAttributes & { readonly outputShape?: Pair } & BiasEpilogue;

const SAME = { strides: [1, 1], padding: "same" } as const;
const SAME_BY_2 = { strides: [2, 2], padding: "same" } as const;
const VALID = { strides: [1, 1], padding: "valid" } as const;
const VALID_BY_2 = { strides: [2, 2], padding: "valid" } as const;

/** The input gradient of conv2d, as an operation of its own. A bias is the last input. */
export const conv2dTransposeOp: ProductDefinition<TransposeAttributes, 2 | 3> = {
  name: "conv2dTranspose",
  rows: 1,
  zeros: ({ relu }) => (relu ? "many" : "few"),
  weights: 1,
  epilogues: ["bias", "relu"],
  accumulates: undefined,
  roundsWithBias: ([x, filter], attributes) =>
    algorithmOfInputGradient(geometryOf(x, filter, attributes), imageDims(filter)[3]) !== "patches",
  shape([x, filter, bias], attributes) {
    const y = transposedShape(x, filter, attributes);
    if (bias) checkBias("conv2dTranspose", y, bias);
    return y;
  },
  gradient(dy, [x, filter, bias], { strides, padding, relu }, y) {
    const dz = relu ? reluGrad(dy, y) : dy;
    const window = { strides, padding };
    const gradients = [
      conv2d(dz, filter, window),
      // This is the input gradient of a conv2d. In that conv2d, x has the place of the result and dz that of the image.
      conv2dFilterGrad(x, dz, { ...window, filterShape: concrete(filter.shape) }),
    ];
    return bias === undefined ? gradients : [...gradients, biasGradient(dz)];
  },
  lower(emit, y, [x, filter, bias], attributes) {
    const geometry = geometryOf(x.shape, filter.shape, attributes);
    const epilogue = bias && { bias, relu: attributes.relu ?? false };
    emitInputGradient(emit, tensorTarget(y), tensorSource(x), filter, geometry, epilogue);
  },
  cases: () => [
    on([2, 3, 4, 3], [3, 3, 2, 3], SAME),
    on([2, 3, 2, 2], [3, 3, 2, 2], SAME_BY_2),
    on([2, 3, 2, 2], [4, 3, 1, 2], { ...SAME_BY_2, outputShape: [5, 4] }),
    on([1, 2, 3, 2], [2, 3, 2, 2], { strides: [1, 2], padding: "valid" }),
    on([2, 2, 2, 1], [3, 2, 3, 1], { ...VALID_BY_2, outputShape: [6, 5] }),
    on([1, 2, 2, 2], [1, 2, 1, 2], { strides: [3, 3], padding: "valid" }),
    on([2, 2, 3, 3], [1, 1, 2, 3], SAME),
    // These two use the flipped filter: one in a product of patches, one in Winograd's transforms.
    on([1, 2, 3, 2], [3, 2, 17, 2], VALID),
    on([1, 3, 3, 16], [2, 2, 16, 16], SAME),
    on([2, 2, 3, 2], [3, 3, 2, 2], [2], { ...SAME_BY_2, bias: true }),
    on([2, 2, 3, 2], [3, 3, 3, 2], [3], { ...VALID_BY_2, bias: true, relu: true }),
    on([1, 3, 3, 2], [1, 1, 3, 2], [3], { ...SAME, bias: true, relu: true }),
    on([1, 3, 2, 16], [2, 2, 16, 16], [16], { ...SAME, bias: true, relu: true }),
  ],
};

/** A transposed convolution as users give it; strides default to 1, padding to "same". */
export interface Conv2dTransposeOptions extends Conv2dOptions {
  /**
   * Height and width of the result. A conv2d with this window must turn them into the height and width of x. Default:
   * x's times the strides. With padding "valid", the excess of the window over the strides is added.
   */
  readonly outputShape?: Pair;
}

/**
 * Transposed 2-D convolution, as TensorFlow's: x [batch, height, width, inChannels], filter [height, width,
 * outChannels, inChannels] → [batch, outHeight, outWidth, outChannels]. Each pixel of x adds to one window of the
 * result, and the windows lie `strides` apart. It is the gradient of conv2d in the image.
 * (https://www.tensorflow.org/api_docs/python/tf/nn/conv2d_transpose)
 * @throws ShapeError for other ranks, channels that differ or an outputShape that does not fit; ArgumentError for
 *   options.
 */
export function conv2dTranspose(x: Tensor, filter: Tensor, options: Conv2dTransposeOptions = {}): Tensor {
  checkOptionNames("conv2dTranspose", options, ["strides", "padding", "outputShape"]);
  const { outputShape } = options;
  const attributes = windowAttributes("conv2dTranspose", options);
  if (outputShape === undefined) return apply(conv2dTransposeOp, [x, filter], attributes);
  const size = pairOf("conv2dTranspose", "outputShape", outputShape);
  return apply(conv2dTransposeOp, [x, filter], { ...attributes, outputShape: size });
}

/**
 * @throws ShapeError for other ranks, channels that differ or an outputShape that conv2d does not turn into x's size.
 */
function transposedShape(x: PartialShape, filter: PartialShape, attributes: TransposeAttributes): PartialShape {
  const shapes = `x ${formatShape(x)} and filter ${formatShape(filter)}`;
  if (x.length !== 4 || filter.length !== 4) {
    throw new ShapeError(
      `conv2dTranspose: ${shapes} are not [batch, height, width, channels] and [height, width, out, in]`,
    );
  }
  if (!isConcrete(filter)) {
    throw new ShapeError(`conv2dTranspose: filter ${formatShape(filter)} has an unknown axis`);
  }
  const [batch = null, height = null, width = null, inChannels = null] = x;
  const [, , outChannels, filterChannels] = imageDims(filter);
  if (!compatible(inChannels, filterChannels)) {
    throw new ShapeError(
      `conv2dTranspose: ${shapes} have ${inChannels} and ${filterChannels} input channels, which differ`,
    );
  }
  const window = filterWindow(filter);
  const size = attributes.outputShape ?? outputShapeOf([height, width], window, attributes);
  checkOutputShape(size, [height, width], window, attributes);
  return [batch, ...size, outChannels];
}

type PartialPair = readonly [height: Dim, width: Dim];

function outputShapeOf(x: PartialPair, window: Pair, { strides, padding }: WindowAttributes): PartialPair {
  const sizeOf = (axis: 0 | 1): Dim => {
    const more = padding === "valid" ? Math.max(window[axis] - strides[axis], 0) : 0;
    const size = x[axis];
    return size === null ? null : size * strides[axis] + more;
  };
  return [sizeOf(0), sizeOf(1)];
}

function checkOutputShape(y: PartialPair, x: PartialPair, window: Pair, { strides, padding }: WindowAttributes): void {
  const made = ([0, 1] as const).map((axis) => windowOutput(y[axis], window[axis], strides[axis], padding));
  if (made.every((size, axis) => compatible(size, x[axis]!))) return;
  throw new ShapeError(
    `conv2dTranspose: of outputShape ${formatShape(y)} a window of ${formatShape(window)} with strides ` +
      `${formatShape(strides)} and padding "${padding}" makes ${formatShape(made)}, not x's ${formatShape(x)}`,
  );
}

/** The geometry of the conv2d that turns the result into x. */
function geometryOf(x: Shape, filter: Shape, attributes: TransposeAttributes): WindowGeometry {
  const y = concrete(transposedShape(x, filter, attributes));
  return windowGeometry(y, filterWindow(filter), x, attributes);
}
