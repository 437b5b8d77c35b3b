import type { Tensor } from "../../graph/tensor.ts";
import { addBiasOp } from "../../ops/add-bias.ts";
import { avgPoolOp } from "../../ops/avg-pool.ts";
import { conv2dOp, filterWindow } from "../../ops/conv2d.ts";
import { conv2dReluPool } from "../../ops/fused/conv2d-relu-pool.ts";
import { makesWholeImages } from "../../ops/lowering/convolution.ts";
import type { PoolAttributes } from "../../ops/lowering/pool-shape.ts";
import { reluOp } from "../../ops/relu.ts";
import type { Shape } from "../../shape.ts";
import { windowGeometry, type WindowAttributes } from "../../window.ts";
import type { Rewrite, Site } from "./rewrite.ts";

/**
 * avgPool(relu(conv2d(x, filter) + bias)) becomes one operation where the pool's windows cover every pixel once and an image
 * fits a chunk: the large image between them is neither written nor read again.
 */
export const fusePool: Rewrite = (site) => {
  const { node, successor } = site;
  const [relued, biased, product] = chainOf(site, [avgPoolOp, reluOp, addBiasOp, conv2dOp]);
  if (relued === undefined || biased === undefined || product === undefined) return undefined;
  const pool = node.attributes as PoolAttributes;
  const { strides, padding } = product.attributes as WindowAttributes;
  const [x, filter] = product.inputs as [Tensor, Tensor];
  const window = filterWindow(filter.shape as Shape);
  const geometry = windowGeometry(x.shape as Shape, window, product.shape as Shape, { strides, padding });
  if (!coversOnce(relued.shape as Shape, node.shape as Shape, pool)) return undefined;
  if (!makesWholeImages(geometry, product.shape[3]!)) return undefined;
  return conv2dReluPool(successor(x), successor(filter), successor(biased.inputs[1]!), { strides, padding, pool });
};

/** The first inputs, one from the other, of a node that is the result of these operations and alone reads each. */
function chainOf({ node, uses }: Site, operations: readonly { readonly name: string }[]): readonly Tensor[] {
  const chain = [node];
  for (const [i, operation] of operations.entries()) {
    const last = chain[i];
    if (last === undefined || !last.isResultOf(operation) || (i > 0 && uses(last) > 1)) return [];
    if (last.inputs.length > 0) chain.push(last.inputs[0]!);
  }
  return chain.slice(1, operations.length);
}

/** Whether every pixel of x lies in exactly one window. */
function coversOnce(x: Shape, y: Shape, pool: PoolAttributes): boolean {
  const { outHeight, outWidth, padTop, padLeft } = windowGeometry(x, pool.window, y, pool);
  const [height, width] = pool.window;
  const apart = height === pool.strides[0] && width === pool.strides[1];
  return apart && outHeight * height - padTop >= x[1]! && outWidth * width - padLeft >= x[2]!;
}
