// Which operations work on every row (index of axis 0: an image of a batch) by itself.
import type { Tensor } from "../../../graph/tensor.ts";
import { absOp } from "../../../ops/abs.ts";
import { addBiasOp } from "../../../ops/add-bias.ts";
import { addOp } from "../../../ops/add.ts";
import { avgPoolOp } from "../../../ops/avg-pool.ts";
import { conv2dOp } from "../../../ops/conv2d.ts";
import { divOp } from "../../../ops/div.ts";
import { expOp } from "../../../ops/exp.ts";
import { addAtOp } from "../../../ops/fused/add-at.ts";
import { leakyReluOp } from "../../../ops/leaky-relu.ts";
import { logOp } from "../../../ops/log.ts";
import { matMulOp, type MatMulAttributes } from "../../../ops/mat-mul.ts";
import { maxPoolOp } from "../../../ops/max-pool.ts";
import { maximumOp } from "../../../ops/maximum.ts";
import { mulOp } from "../../../ops/mul.ts";
import { negOp } from "../../../ops/neg.ts";
import { reluOp } from "../../../ops/relu.ts";
import { reshapeOp } from "../../../ops/reshape.ts";
import { resizeBilinearOp } from "../../../ops/resize-bilinear.ts";
import { sigmoidOp } from "../../../ops/sigmoid.ts";
import { sliceOp, type SliceAttributes } from "../../../ops/slice.ts";
import { softplusOp } from "../../../ops/softplus.ts";
import { sqrtOp } from "../../../ops/sqrt.ts";
import { squareOp } from "../../../ops/square.ts";
import { subOp } from "../../../ops/sub.ts";
import { tanhOp } from "../../../ops/tanh.ts";
import { sameShape } from "../../../shape.ts";
import { rowShape } from "./rows.ts";

type Named = readonly { readonly name: string }[];

/** Row i of the result is made of row i of the first input, and of all of the others. */
const elementwise: Named = [
  absOp, expOp, leakyReluOp, logOp, negOp, reluOp, sigmoidOp, softplusOp, sqrtOp, squareOp, tanhOp,
]; // prettier-ignore
const imagewise: Named = [addBiasOp, avgPoolOp, conv2dOp, maxPoolOp, resizeBilinearOp];

/** It is made of row i of both inputs, where neither is broadcast. */
const pairwise: Named = [addOp, divOp, maximumOp, mulOp, subOp];

/**
 * How many inputs, from the first on, give row i of the result their row i alone; the result shares the others among
 * all rows. 0: the rows mix, or this operation is not known.
 */
export function rowInputs(node: Tensor): number {
  const [x, other] = node.inputs as [Tensor, Tensor];
  const is = (operation: Named[number]): boolean => node.isResultOf(operation);
  if (node.shape.length < 2) return 0;
  if (elementwise.some(is) || imagewise.some(is)) return 1;
  if (is(matMulOp)) return (node.attributes as MatMulAttributes).transposeA ? 0 : 1;
  if (is(reshapeOp) || is(sliceOp)) return x.shape.length >= 2 && x.shape[0] === node.shape[0] ? 1 : 0;
  if (pairwise.some(is)) return sameShape(x.shape, other.shape) ? 2 : 0;
  if (is(addAtOp)) return x.shape[0] === other.shape[0] ? 2 : 0;
  return 0;
}

/** What a node does to each of its rows, whatever rows it is given; two that do the same have the same text. */
export function workOnRows(node: Tensor): string {
  const rows = rowInputs(node);
  const inputs = node.inputs.map((input, i) => (i < rows ? `[${rowShape(input).join()}]` : input.id));
  return `${node.operation.name}(${inputs.join()})[${rowShape(node).join()}]${JSON.stringify(rowAttributes(node))}`;
}

/** Does to the rows of other inputs what the node does to its own. */
export function applyToRows(node: Tensor, inputs: readonly Tensor[]): Tensor {
  return node.graph.apply(node.operation, inputs, rowAttributes(node));
}

/** The attributes without the number of rows. */
function rowAttributes(node: Tensor): object {
  if (node.isResultOf(reshapeOp)) return { shape: [-1, ...rowShape(node)] };
  if (node.isResultOf(sliceOp)) return { ...(node.attributes as SliceAttributes), size: [-1, ...rowShape(node)] };
  return node.attributes;
}
