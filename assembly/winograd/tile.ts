import { Geometry } from "../conv/geometry";

// Where a tile of 4 x 4 outputs lies. Tiles are numbered over (image, row of tiles, column of tiles), images counted from
// the chunk's first; those at the right and the lower edge may reach past the output.

export function tilesAcross(g: Geometry): i32 {
  return (g.outWidth + 3) >> 2;
}

export function tilesOfImage(g: Geometry): i32 {
  return ((g.outHeight + 3) >> 2) * tilesAcross(g);
}

// The row of a tile's first output, given its number in the image.
export function firstRow(g: Geometry, tile: i32): i32 {
  return (tile / tilesAcross(g)) << 2;
}

// Its column.
export function firstColumn(g: Geometry, tile: i32): i32 {
  return (tile % tilesAcross(g)) << 2;
}

// 1, in a way that V8 cannot know (eight-points.ts says what for): the stride.
export function unitOf(g: Geometry): f32 {
  return <f32>g.strideWidth;
}
