import type { Tensor } from "../../graph/tensor.ts";
import { addBiasOp } from "../../ops/add-bias.ts";
import { conv2dOp } from "../../ops/conv2d.ts";
import { conv2dBias } from "../../ops/fused/conv2d-bias.ts";
import { matMulBias } from "../../ops/fused/mat-mul-bias.ts";
import { algorithmOf } from "../../lowering/convolution/convolution.ts";
import { matMulOp, type MatMulAttributes } from "../../ops/mat-mul.ts";
import { reluOp } from "../../ops/unary.ts";
import type { WindowAttributes } from "../../window.ts";
import { convolutionGeometry } from "./convolution-geometry.ts";
import { chainOf, isMadeOf, type Rewrite, type Site } from "./rewrite.ts";

/**
 * addBias(conv2d(x, filter), bias), and relu of that, become one operation; so do the same of a matMul. Both are applied
 * while the product is still in the cache, and relu's gradient needs only y.
 *
 * A transform sums outputs near 0 again with their bias (assembly/conv/own-terms.ts). So its convolutions take the bias
 * even where the result without it is read too, and are then made twice, and differentiated twice: the bits must not
 * depend on who reads.
 */
export const fuseBias: Rewrite = (site) => {
  if (site.node.isResultOf(addBiasOp)) return fused(site, site.node, false);
  const biased = chainOf(site, reluOp, addBiasOp)?.[1];
  return biased && fused(site, biased, true);
};

function fused({ successor, uses }: Site, biased: Tensor, relu: boolean): Tensor | undefined {
  const [product, bias] = biased.inputs as [Tensor, Tensor];
  const isConvolution = product.isResultOf(conv2dOp);
  if (!isConvolution && !product.isResultOf(matMulOp)) return undefined;
  if (uses(product) > 1 && !(isConvolution && isTransformed(product))) return undefined;
  if (isMadeOf(bias, product.inputs)) return undefined;
  const [a, b] = product.inputs.map(successor) as [Tensor, Tensor];
  return isConvolution
    ? conv2dBias(a, b, successor(bias), { ...(product.attributes as WindowAttributes), relu })
    : matMulBias(a, b, successor(bias), { ...(product.attributes as MatMulAttributes), relu });
}

function isTransformed(convolution: Tensor): boolean {
  return algorithmOf(convolutionGeometry(convolution), convolution.shape[3]!) !== "patches";
}
