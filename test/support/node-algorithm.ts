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

/** What the gradients' attributes have beside the convolution's. */
interface ConvolutionAttributes extends WindowAttributes {
  readonly xShape?: Shape;
  readonly filterShape?: Shape;
  readonly accumulate?: true;
}

/** What makes a node that is a convolution or a gradient of one; undefined for all others. */
export function algorithmOfNode({ operation, inputs, attributes, shape }: Tensor): Algorithm | undefined {
  const { name } = operation;
  if (name === "conv2dTranspose") return algorithmOfTransposed(inputs, attributes as WindowAttributes, shape as Shape);
  if (!name.startsWith("conv2d") || name.endsWith("BiasGrad")) return undefined;
  const { xShape, filterShape, accumulate, ...window } = attributes as unknown as ConvolutionAttributes;
  // An addend comes first. Then gradients have dy and the other one of x and filter, all else has x and filter.
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
