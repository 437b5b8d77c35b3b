import { Geometry } from "../conv/geometry";
import { at } from "../math/lanes";
import { clearTile, spectrumOfTile } from "./tile-spectrum";
import { columnsFrom, firstColumn, firstRow, rowsFrom, Tiling, tilesOfImage } from "./tiling";

// Z: the spectrum of a tile's gradients, laid out backwards from (0, 0), as the right-hand matrices of products over the tiles.
//
//   z         [382 planes, see spectrum.ts] of panels [ceil(channels/16)][tiles][16], planes planeStride floats apart; columns past
//             `channels` are 0
//   dy        [batch, outHeight, outWidth, channels], the whole tensor
//   tiles     how many the panels hold; firstTile is where this call's begin
//   all else  as in input-transform.ts
//
// The range is tiles, counted from firstImage on.
export function fourierOutputGrad(
  z: usize,
  dy: usize,
  geometry: usize,
  tiling: usize,
  turns: usize,
  channels: i32,
  tiles: i32,
  firstTile: i32,
  planeStride: i32,
  firstImage: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const t = changetype<Tiling>(tiling);
  const plane = (<usize>planeStride) << 2;
  const pixel = (<usize>channels) << 2;
  const line = <usize>g.outWidth * pixel;
  for (let tile = begin; tile < end; tile++) {
    const row = firstRow(t, tile);
    const column = firstColumn(t, tile);
    const rows = rowsFrom(t, g, row);
    const columns = columnsFrom(t, g, column);
    const image = firstImage + tile / tilesOfImage(t);
    const from = at(dy, ((image * g.outHeight + row) * g.outWidth + column) * channels);
    const to = at(z, (firstTile + tile) << 4);
    clearTile(scratch, rows, columns);
    for (let c = 0; c < channels; c += 16) {
      const lanes = at(to, c * tiles);
      spectrumOfTile(lanes, plane, at(from, c), line, pixel, rows, columns, 0, 0, -1, channels - c, scratch, turns);
    }
  }
}
