import { checkOptionNames } from "../arguments.ts";
import { ShapeError } from "../errors.ts";
import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { compatible, formatShape, isConcrete, type Padding, type PartialShape, type Shape } from "../shape.ts";
import { checkPadding, pairOf, windowGeometry, windowShape, type Pair, type WindowAttributes } from "../window.ts";
import type { OpDefinition } from "./define-op.ts";
import { conv2dFilterGrad } from "./gradients/conv2d-filter-grad.ts";
import { conv2dInputGrad } from "./gradients/conv2d-input-grad.ts";
import { emitConvolution } from "../lowering/convolution/convolution.ts";
import { tensorSource, tensorTarget } from "../lowering/convolution/images.ts";

export const conv2dOp: OpDefinition<WindowAttributes, 2> = {
  name: "conv2d",
  rows: 1,
  zeros: "few",
  weights: 1,
  shape: ([x, filter], attributes) => convolutionShape("conv2d", x, filter, attributes),
  gradient: (dy, [x, filter], attributes) => convolutionGradients(dy, x, filter, attributes),
  lower: (emit, y, [x, filter], attributes) =>
    emitConvolution(
      emit,
      tensorTarget(y),
      tensorSource(x),
      filter,
      windowGeometry(x.shape, filterWindow(filter.shape), y.shape, attributes),
    ),
  cases: [
    {
      inputs: [
        [2, 4, 5, 2],
        [3, 3, 2, 3],
      ],
      attributes: { strides: [1, 1], padding: "same" },
    },
    {
      inputs: [
        [2, 6, 5, 1],
        [3, 3, 1, 2],
      ],
      attributes: { strides: [2, 2], padding: "same" },
    },
    {
      inputs: [
        [1, 5, 6, 2],
        [2, 3, 2, 1],
      ],
      attributes: { strides: [1, 2], padding: "valid" },
    },
    {
      inputs: [
        [2, 3, 3, 3],
        [1, 1, 3, 2],
      ],
      attributes: { strides: [1, 1], padding: "same" },
    },
    {
      inputs: [
        [1, 3, 4, 16],
        [3, 2, 16, 1],
      ],
      attributes: { strides: [1, 1], padding: "same" },
    },
    {
      inputs: [
        [1, 4, 4, 2],
        [1, 1, 2, 1],
      ],
      attributes: { strides: [2, 2], padding: "same" },
    },
    {
      inputs: [
        [1, 5, 3, 16],
        [2, 2, 16, 17],
      ],
      attributes: { strides: [1, 1], padding: "same" },
    },
  ],
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
  const { strides = 1, padding = "same" } = options;
  checkPadding("conv2d", padding);
  return apply(conv2dOp, [x, filter], { strides: pairOf("conv2d", "strides", strides), padding });
}

/** The shape rule that all forms of a convolution share. */
export function convolutionShape(
  op: string,
  x: PartialShape,
  filter: PartialShape,
  attributes: WindowAttributes,
): PartialShape {
  const shapes = `x ${formatShape(x)} and filter ${formatShape(filter)}`;
  if (x.length !== 4 || filter.length !== 4) {
    throw new ShapeError(`${op}: ${shapes} are not [batch, height, width, channels] and [height, width, in, out]`);
  }
  if (!isConcrete(filter)) throw new ShapeError(`${op}: filter ${formatShape(filter)} has an unknown axis`);
  if (!compatible(x[3]!, filter[2]!)) {
    throw new ShapeError(`${op}: ${shapes} have ${x[3]} and ${filter[2]} input channels, which differ`);
  }
  return windowShape(op, x, filterWindow(filter), filter[3]!, attributes);
}

/** [dx, dFilter]. */
export function convolutionGradients(
  dy: Tensor,
  x: Tensor,
  filter: Tensor,
  attributes: WindowAttributes,
): [Tensor, Tensor] {
  return [
    conv2dInputGrad(dy, filter, { ...attributes, xShape: x.shape as Shape }),
    conv2dFilterGrad(dy, x, { ...attributes, filterShape: filter.shape as Shape }),
  ];
}

/** A filter's height and width. */
export function filterWindow(filter: Shape): Pair {
  return [filter[0]!, filter[1]!];
}
