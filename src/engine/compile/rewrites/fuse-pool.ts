import type { Tensor } from "../../graph/tensor.ts";
import { addBiasOp } from "../../ops/add-bias.ts";
import { avgPoolOp } from "../../ops/avg-pool.ts";
import { conv2dOp } from "../../ops/conv2d.ts";
import { conv2dReluPool } from "../../ops/fused/conv2d-relu-pool.ts";
import { makesWholeImages } from "../../lowering/convolution/convolution.ts";
import type { PoolAttributes } from "../../lowering/pool-shape.ts";
import { reluOp } from "../../ops/unary.ts";
import type { Shape } from "../../shape.ts";
import { windowGeometry, type WindowAttributes } from "../../window.ts";
import { convolutionGeometry } from "./convolution-geometry.ts";
import { chainOf, isMadeOf, type Rewrite } from "./rewrite.ts";

/**
 * avgPool(relu(conv2d(x, filter) + bias)) becomes one operation where the pool's windows cover every pixel once and an
 * image fits a chunk: the large image between them is neither written nor read again. The bits stay, those of all
 * gradients too, so that they do not change where one of the three is fetched as well. One channel stays as it is,
 * because the gradient of its bias is summed in other chains (sumRun in assembly/reduce/row-sums.ts).
 */
export const fusePool: Rewrite = (site) => {
  const { node, successor } = site;
  const chain = chainOf(site, avgPoolOp, reluOp, addBiasOp, conv2dOp);
  if (chain === undefined) return undefined;
  const [, relued, biased, product] = chain as readonly [Tensor, Tensor, Tensor, Tensor];
  const pool = node.attributes as PoolAttributes;
  const { strides, padding } = product.attributes as WindowAttributes;
  const [x, filter] = product.inputs as [Tensor, Tensor];
  if (product.shape[3] === 1 || isMadeOf(biased.inputs[1]!, product.inputs)) return undefined;
  if (!coversOnce(relued.shape as Shape, node.shape as Shape, pool)) return undefined;
  if (!makesWholeImages(convolutionGeometry(product), product.shape[3]!)) return undefined;
  return conv2dReluPool(successor(x), successor(filter), successor(biased.inputs[1]!), { strides, padding, pool });
};

/** Whether every pixel of x lies in exactly one window. */
function coversOnce(x: Shape, y: Shape, pool: PoolAttributes): boolean {
  const { outHeight, outWidth, padTop, padLeft } = windowGeometry(x, pool.window, y, pool);
  const [height, width] = pool.window;
  const apart = height === pool.strides[0] && width === pool.strides[1];
  return apart && outHeight * height - padTop >= x[1]! && outWidth * width - padLeft >= x[2]!;
}
