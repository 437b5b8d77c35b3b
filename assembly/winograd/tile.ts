import { checkAtLeast, checkAtMost } from "../contract";
import { checkGeometry, Geometry } from "../conv/geometry";

// Outputs of a tile along one axis, and points along it: as many as a patch has inputs.
export const TILE: i32 = 4;
export const POINTS: i32 = 5;

// Planes: one for each pair of a row's and a column's point.
export const PLANES: i32 = POINTS * POINTS;

// Floats of a thread's scratch for the filter gradient. The other transforms take as many beside their lines.
export const SCRATCH_FLOATS: i32 = 64;

// Where a tile of 4 x 4 outputs lies, given its place in its chunk. Tiles are counted over (image, row of tiles, column
// of tiles), and images from the first one of the chunk. Tiles at the right and the lower edge may reach past the
// output.

export function tilesAcross(g: Geometry): i32 {
  return (g.outWidth + 3) >> 2;
}

export function tilesOfImage(g: Geometry): i32 {
  return ((g.outHeight + 3) >> 2) * tilesAcross(g);
}

// How many rows of outputs the tiles in a row of tiles have.
export function outputRows(g: Geometry, row: i32): i32 {
  return min<i32>(g.outHeight - 4 * row, 4);
}

export function outputColumns(g: Geometry, column: i32): i32 {
  return min<i32>(g.outWidth - 4 * column, 4);
}

// 1, but V8 does not know that (five-points.ts says why): the stride.
export function unitOf(g: Geometry): f32 {
  return <f32>g.strideWidth;
}

// How many images the tiles begin … end - 1 belong to.
export function imagesFrom(g: Geometry, begin: i32, end: i32): i32 {
  return begin == end ? 0 : (end - 1) / tilesOfImage(g) + 1 - begin / tilesOfImage(g);
}

// Checks that a window is one these transforms are for (../contract.ts).
export function checkWindow(g: Geometry): void {
  checkGeometry(g);
  checkAtMost("strideHeight", g.strideHeight, 1);
  checkAtMost("strideWidth", g.strideWidth, 1);
  checkAtLeast("filterHeight", g.filterHeight, 2);
  checkAtLeast("filterWidth", g.filterWidth, 2);
  checkAtMost("filterHeight", g.filterHeight, 2);
  checkAtMost("filterWidth", g.filterWidth, 2);
}
