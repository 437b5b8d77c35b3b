import { checkSize } from "../contract";
import { Geometry } from "../conv/geometry";

// How a convolution's outputs are cut into tiles. The compiler writes this table to memory: 4 i32s.
//
// Each tile sees a window of 16 x 16 inputs, in which a filter of r taps moves around (a circular convolution). The
// first 17 - r positions along an axis are those of a convolution (overlap-save). In a small image what lies past its
// end and what lies before it is 0; then the positions after them are right as well, and one tile makes up to 16
// outputs.
@unmanaged
export class Tiling {
  // Outputs of a tile; those at the right and the lower edge may hold fewer.
  height: i32;
  width: i32;
  down: i32;
  across: i32;
}

export function tilesOfImage(tiling: Tiling): i32 {
  return tiling.down * tiling.across;
}

// How many images the tiles begin … end - 1 belong to.
export function imagesFrom(tiling: Tiling, begin: i32, end: i32): i32 {
  return begin == end ? 0 : (end - 1) / tilesOfImage(tiling) + 1 - begin / tilesOfImage(tiling);
}

// Checks that a tiling covers the outputs (../contract.ts).
export function checkTiling(tiling: Tiling, g: Geometry): void {
  checkSize("height", tiling.height);
  checkSize("width", tiling.width);
  checkSize("rows of tiles", tiling.down - (g.outHeight - 1) / tiling.height);
  checkSize("columns of tiles", tiling.across - (g.outWidth - 1) / tiling.width);
}

// The row of its image's outputs with which a tile begins.
export function firstRow(tiling: Tiling, tile: i32): i32 {
  return ((tile % tilesOfImage(tiling)) / tiling.across) * tiling.height;
}

export function firstColumn(tiling: Tiling, tile: i32): i32 {
  return (tile % tiling.across) * tiling.width;
}

// How many rows of outputs a tile has that begins with this row.
export function rowsFrom(tiling: Tiling, g: Geometry, row: i32): i32 {
  return min<i32>(tiling.height, g.outHeight - row);
}

export function columnsFrom(tiling: Tiling, g: Geometry, column: i32): i32 {
  return min<i32>(tiling.width, g.outWidth - column);
}
