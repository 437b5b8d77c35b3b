import { apply } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { imageDims } from "../shape.ts";
import { on } from "./cases.ts";
import type { OpDefinition } from "./define-op.ts";

/** A matrix by rows. */
export type Matrix = readonly (readonly number[])[];

/** The matrices that are applied to the filter's height and to its width. */
export interface MapFilterAttributes {
  /** [outHeight][inHeight] */
  readonly rows: Matrix;
  /** [outWidth][inWidth] */
  readonly columns: Matrix;
}

const DOUBLED: Matrix = [
  [1, 0.5, 0],
  [0, 0.5, 1],
];

export const mapFilterOp: OpDefinition<MapFilterAttributes, 1> = {
  name: "mapFilter",
  rows: 0,
  zeros: "few",
  shape: ([filter], { rows, columns }) => [rows.length, columns.length, ...filter.slice(2)],
  gradient: (dy, _, { rows, columns }) => [mapFilter(dy, { rows: transposed(rows), columns: transposed(columns) })],
  lower(emit, y, [filter], { rows, columns }) {
    const [inHeight, inWidth, inChannels, outChannels] = imageDims(filter.shape);
    const channels = inChannels * outChannels;
    const maps = [emit.floats(rows.flat()), emit.floats(columns.flat())] as const;
    emit.call("mapFilter", [y, filter, ...maps, rows.length, columns.length, inHeight, inWidth, channels], channels);
  },
  cases: () => [
    on([3, 3, 2, 5], { rows: DOUBLED, columns: DOUBLED }),
    on([3, 2, 1, 3], {
      rows: [[0, 0.5, 0]],
      columns: [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    }),
  ],
};

/** y[p,q,…] = Σᵢ Σⱼ rows[p][i]·columns[q][j]·filter[i,j,…]: a linear map of a filter's height and width. */
export function mapFilter(filter: Tensor, attributes: MapFilterAttributes): Tensor {
  return apply(mapFilterOp, [filter], attributes);
}

function transposed(matrix: Matrix): Matrix {
  return matrix[0]!.map((_, column) => matrix.map((row) => row[column]!));
}
