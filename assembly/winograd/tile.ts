import { Geometry } from "../conv/geometry";

// Where a tile of 4 x 4 outputs lies, given its place in its chunk: over (image, row of tiles, column of tiles), images counted
// from the chunk's first. Those at the right and the lower edge may reach past the output.
//
// With 5 taps the last tile of several along an axis may have one or two outputs left: then it is a tail, of six points
// instead of eight.

export function tilesDown(g: Geometry): i32 {
  return (g.outHeight + 3) >> 2;
}

export function tilesAcross(g: Geometry): i32 {
  return (g.outWidth + 3) >> 2;
}

export function tilesOfImage(g: Geometry): i32 {
  return tilesDown(g) * tilesAcross(g);
}

// How many rows of tiles are tails: 1 or 0.
export function tailRows(g: Geometry): i32 {
  return tails(g, g.outHeight);
}

export function tailColumns(g: Geometry): i32 {
  return tails(g, g.outWidth);
}

function tails(g: Geometry, outputs: i32): i32 {
  return i32(g.filterHeight == 5 && outputs > 4 && ((outputs - 1) & 3) < 2);
}

// Points of the tiles in a row of tiles, from top to bottom.
export function pointsDown(g: Geometry, row: i32): i32 {
  return row < tilesDown(g) - tailRows(g) ? g.filterHeight + 3 : 6;
}

// Points of those in a column, from left to right.
export function pointsAcross(g: Geometry, column: i32): i32 {
  return column < tilesAcross(g) - tailColumns(g) ? g.filterHeight + 3 : 6;
}

// 1, in a way that V8 cannot know (eight-points.ts says what for): the stride.
export function unitOf(g: Geometry): f32 {
  return <f32>g.strideWidth;
}
