// Which tiles a Winograd convolution's planes hold: the compiler's side of assembly/winograd/planes.ts.
import type { WindowGeometry } from "../../window.ts";

/** Outputs of a tile along one axis. */
export const TILE = 4;

/** Points of a tail, which all tiles of 5 taps have. */
const TAIL_POINTS = 6;

/** Planes next to each other that hold the same tiles, which have numbers in a row. */
export interface PlaneGroup {
  readonly firstPlane: number;
  readonly planes: number;
  readonly firstTile: number;
  readonly tiles: number;
}

/** What decides on tiles and tails. */
type Outputs = Pick<WindowGeometry, "filterHeight" | "filterWidth" | "outHeight" | "outWidth">;

/** Planes of a chunk of `images` images by the tiles they hold: one group where no axis has a tail. */
export function planeGroups(g: Outputs, images: number): PlaneGroup[] {
  const size = g.filterHeight + TILE - 1;
  const [rows, columns] = [axisOf(g.filterHeight, g.outHeight), axisOf(g.filterWidth, g.outWidth)];
  const tiles = images * rows.tiles * columns.tiles;
  if (rows.tails + columns.tails === 0) return [{ firstPlane: 0, planes: size * size, firstTile: 0, tiles }];
  const others = size - TAIL_POINTS;
  const tailColumn = images * (rows.tiles - rows.tails) * columns.tails;
  const tailRow = images * columns.tiles * rows.tails;
  const corner = images * rows.tails * columns.tails;
  const [all, mixed] = [TAIL_POINTS * TAIL_POINTS, TAIL_POINTS * others];
  return [
    { firstPlane: 0, planes: all, firstTile: 0, tiles },
    { firstPlane: all, planes: mixed, firstTile: tailColumn, tiles: tiles - tailColumn - corner },
    { firstPlane: all + mixed, planes: mixed, firstTile: 0, tiles: tiles - tailRow },
    {
      firstPlane: all + 2 * mixed,
      planes: others * others,
      firstTile: tailColumn,
      tiles: tiles - tailRow - tailColumn,
    },
  ];
}

/** An axis of outputs: its tiles, and how many of them are tails (assembly/winograd/tile.ts). */
function axisOf(taps: number, outputs: number): { readonly tiles: number; readonly tails: number } {
  const isTail = taps === 5 && outputs > TILE && (outputs - 1) % TILE < 2;
  return { tiles: Math.ceil(outputs / TILE), tails: Number(isTail) };
}
