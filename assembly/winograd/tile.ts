import { Geometry } from "../conv/geometry";

// Where a tile of 4 x 4 outputs lies, given its place in its chunk: over (image, row of tiles, column of tiles), images counted
// from the chunk's first. Those at the right and the lower edge may reach past the output.

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

// 1, in a way that V8 cannot know (five-points.ts says what for): the stride.
export function unitOf(g: Geometry): f32 {
  return <f32>g.strideWidth;
}
