import { Geometry } from "../conv/geometry";
import { tailColumns, tailRows, tilesAcross, tilesDown, tilesOfImage } from "./tile";

// Where the values at each pair (i, j) of a row's and a column's point lie: in plane planeOf(size, i, j), at the tile's number.
//
// A tail has values at the first six of eight points only, so the planes fall into four groups:
//
//   i < 6, j < 6     planes  0 to 35, 6 j + i           all tiles
//   i < 6, j >= 6            36 to 47, likewise          not those of the tail column
//   i >= 6, j < 6            48 to 59, 48 + 2 j + i - 6  not those of the tail row
//   i >= 6, j >= 6           60 to 63, likewise          neither
//
// Tiles of all images of a chunk are numbered so that those of each group have numbers in a row: the tail column, then the tiles
// that are no tails, then the tail row, at last the corner; each of these over (image, row, column). A tile's number is the
// same in all planes; where a group has no such tile, its line is left out. Without tails that is the order of the image, and
// five points are in one group: plane 5 j + i.

// Points that all tiles have: along an axis of 8, those of a tail.
export function commonPoints(size: i32): i32 {
  return min<i32>(size, 6);
}

export function planeOf(size: i32, i: i32, j: i32): i32 {
  const common = commonPoints(size);
  return i < common ? common * j + i : common * size + (size - common) * j + i - common;
}

// The number of the tile in `row` and `column` of tiles, of `images` images in a chunk.
export function tileNumber(g: Geometry, images: i32, image: i32, row: i32, column: i32): i32 {
  const down = tilesDown(g) - tailRows(g);
  const across = tilesAcross(g) - tailColumns(g);
  const beside = images * down * tailColumns(g);
  const above = images * down * tilesAcross(g);
  if (row < down) return column < across ? beside + (image * down + row) * across + column : image * down + row;
  return above + (column < across ? image * across + column : images * across + image);
}

// The number of the first tile of a group: of planes of common column points, or of the others.
export function firstOfGroup(g: Geometry, images: i32, commonColumn: bool): i32 {
  return commonColumn ? 0 : images * (tilesDown(g) - tailRows(g)) * tailColumns(g);
}

// How many tiles a group has.
export function tilesOfGroup(g: Geometry, images: i32, commonRow: bool, commonColumn: bool): i32 {
  const tiles = images * tilesOfImage(g);
  const corners = images * tailRows(g) * tailColumns(g);
  const tailRow = images * tilesAcross(g) * tailRows(g);
  const last = !commonRow ? tiles - tailRow : commonColumn ? tiles : tiles - corners;
  return last - firstOfGroup(g, images, commonColumn);
}
