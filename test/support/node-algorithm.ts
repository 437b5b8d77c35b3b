import type { Tensor } from "../../src/engine/graph/tensor.ts";
import { convolutionShape, filterWindow } from "../../src/engine/ops/convolution-shape.ts";
import {
  algorithmOf,
  algorithmOfInputGradient,
  type Algorithm,
} from "../../src/engine/lowering/convolution/convolution.ts";
import type { Shape } from "../../src/engine/shape.ts";
import { windowGeometry, type WindowAttributes } from "../../src/engine/window.ts";
import { flippedGeometry } from "./reference/flipped-geometry.ts";

/** The attributes that gradients have besides the convolution's. */
interface ConvolutionAttributes extends WindowAttributes {
  readonly xShape?: Shape;
  readonly filterShape?: Shape;
  readonly accumulate?: true;
}

/** The algorithm of a node that is a convolution or a gradient of one; undefined for all other nodes. */
export function algorithmOfNode({ operation, inputs, attributes, shape }: Tensor): Algorithm | undefined {
  const { name } = operation;
  if (name === "conv2dTranspose") return algorithmOfTransposed(inputs, attributes as WindowAttributes, shape as Shape);
  if (!name.startsWith("conv2d") || name.endsWith("BiasGrad")) return undefined;
  const { xShape, filterShape, accumulate, ...window } = attributes as unknown as ConvolutionAttributes;
  // An addend comes first. After it, gradients have dy and either x or the filter; all other nodes have x and the
  // filter.
  const [first, second] = inputs.slice(accumulate ? 1 : 0).map(({ shape }) => shape as Shape);
  const x = xShape ?? (filterShape === undefined ? first! : second!);
  const filter = filterShape ?? second!;
  const y = convolutionShape(name, x, filter, window) as Shape;
  const g = windowGeometry(x, filterWindow(filter), y, window);
  return xShape === undefined ? algorithmOf(g, filter[3]!) : algorithmOf(flippedGeometry(g, filter[3]!), filter[2]!);
}

function algorithmOfTransposed([x, filter]: readonly Tensor[], window: WindowAttributes, y: Shape): Algorithm {
  const [filterShape, xShape] = [filter!.shape as Shape, x!.shape as Shape];
  return algorithmOfInputGradient(windowGeometry(y, filterWindow(filterShape), xShape, window), filterShape[3]!);
}
