// Doubling an image bilinearly and then convolving it with stride 2 reads the doubled image at few places, each a fixed
// mixture of original pixels. So it is a stride-1 convolution of the original with other filters, a quarter of the
// work.
//
// Along one axis, legacy rule: doubled[2i] = x[i], doubled[2i+1] = (x[i] + x[i+1]) / 2, and at the last i just x[i].
// Three taps w0 w1 w2 at stride 2 (SAME on an even size: a zero after, none before):
//
//   inside   y[i] = (w0 + w1/2)·x[i] + (w1/2 + w2)·x[i+1]
//   last     y[i] = (w0 + w1)·x[i]                            (w2 meets the zero)
//
// Convolving with the inside taps and a zero after x gives (w0 + w1/2)·x[i] at the last index: w1/2·x[i] is missing and
// added by itself. One tap reads x[i]. In two dimensions the operators multiply: inside⊗inside everywhere, and
// edge⊗inside, inside⊗edge, edge⊗edge on the last row, the last column and the corner.
import type { Tensor } from "../../graph/tensor.ts";
import { addAt } from "../../ops/add-at.ts";
import { conv2d, conv2dOp } from "../../ops/conv2d.ts";
import { filterWindow } from "../../ops/convolution-shape.ts";
import { mapFilter, type Matrix } from "../../ops/map-filter.ts";
import { resizeBilinearOp } from "../../ops/resize-bilinear.ts";
import { slice } from "../../ops/slice.ts";
import { concrete, imageDims } from "../../shape.ts";
import type { WindowAttributes } from "../../window.ts";
import type { Rewrite } from "./rewrite.ts";

/** The new taps of a filter along one axis: taps everywhere, and taps to add at the last index. */
interface AxisMap {
  readonly inside: Matrix;
  readonly edge: Matrix | undefined;
}

/** By number of taps. Filters with another number do not collapse. */
const AXIS_MAPS: Readonly<Record<number, AxisMap>> = {
  1: { inside: [[1]], edge: undefined },
  3: {
    inside: [
      [1, 0.5, 0],
      [0, 0.5, 1],
    ],
    edge: [[0, 0.5, 0]],
  },
};

/** Computes conv2d(resizeBilinear(x, twice its size), filter of 3 or 1 taps an axis, stride 2, SAME) from x itself. */
export const collapseResize: Rewrite = ({ node, successor }) => {
  const convolution = node.match(conv2dOp);
  if (convolution === undefined || !isByTwo(convolution.attributes)) return undefined;
  const [image, filter] = convolution.inputs;
  const resized = image.match(resizeBilinearOp);
  const maps = mapsFor(filter);
  if (resized === undefined || maps === undefined || !isDoubled(resized.inputs[0], resized)) return undefined;
  return collapsed(successor(resized.inputs[0]), successor(filter), ...maps);
};

function isByTwo({ strides: [down, across], padding }: WindowAttributes): boolean {
  return down === 2 && across === 2 && padding === "same";
}

function isDoubled(small: Tensor, large: Tensor): boolean {
  const [, height, width] = imageDims(concrete(small.shape));
  const [, largeHeight, largeWidth] = imageDims(concrete(large.shape));
  return largeHeight === 2 * height && largeWidth === 2 * width;
}

function mapsFor(filter: Tensor): readonly [rows: AxisMap, columns: AxisMap] | undefined {
  const [height, width] = filterWindow(concrete(filter.shape));
  const [rows, columns] = [AXIS_MAPS[height], AXIS_MAPS[width]];
  return rows && columns && [rows, columns];
}

function collapsed(x: Tensor, filter: Tensor, rows: AxisMap, columns: AxisMap): Tensor {
  const [, height, width] = imageDims(concrete(x.shape));
  const [bottom, right] = [height - 1, width - 1];
  const map = (rowMap: Matrix, columnMap: Matrix): Tensor =>
    rowMap.length === 1 && columnMap.length === 1 && rowMap[0]!.length === 1 && columnMap[0]!.length === 1
      ? filter
      : mapFilter(filter, { rows: rowMap, columns: columnMap });
  let y = conv2d(x, map(rows.inside, columns.inside));
  if (rows.edge) y = addEdge(y, x, map(rows.edge, columns.inside), bottom, 0);
  if (columns.edge) y = addEdge(y, x, map(rows.inside, columns.edge), 0, right);
  if (rows.edge && columns.edge) y = addEdge(y, x, map(rows.edge, columns.edge), bottom, right);
  return y;
}

/** Adds the convolution of the last rows or columns of x, from (top, left) on. */
function addEdge(y: Tensor, x: Tensor, filter: Tensor, top: number, left: number): Tensor {
  const [batch, height, width, channels] = imageDims(concrete(x.shape));
  const size = [batch, height - top, width - left, channels];
  const begin = [0, top, left, 0];
  return addAt(y, conv2d(slice(x, begin, size), filter), begin);
}
