import type { Tensor } from "../../graph/tensor.ts";
import { filterWindow } from "../../ops/conv2d.ts";
import type { Shape } from "../../shape.ts";
import { windowGeometry, type WindowAttributes, type WindowGeometry } from "../../window.ts";

/** How the window of a conv2d's result lies over its x. */
export function convolutionGeometry({ inputs, shape, attributes }: Tensor): WindowGeometry {
  const [x, filter] = inputs as [Tensor, Tensor];
  const window = filterWindow(filter.shape as Shape);
  return windowGeometry(x.shape as Shape, window, shape as Shape, attributes as WindowAttributes);
}
