import { checkAtLeast, checkCall, checkInput, checkOutput, checkSize } from "../contract";
import { checkGeometry, Geometry, positionsOf } from "../conv/geometry";
import { at } from "../math/lanes";
import { PLANES, SCRATCH_FLOATS } from "./spectrum";
import { clearTile, spectrumOfTile } from "./tile-spectrum";
import { checkTiling, columnsFrom, firstColumn, firstRow, imagesFrom, rowsFrom, Tiling, tilesOfImage } from "./tiling";
import { TWIDDLES } from "./transforms";

// Z: the spectrum of a tile's gradients, as the right-hand matrices of products over the tiles. The gradients are laid
// out backwards from (0, 0).
//
//   z         [382 planes, see spectrum.ts] of panels [ceil(channels/16)][tiles][16], with planeStride floats from one
//             plane to the next, and 0 in the columns past `channels`
//   dy        [batch, outHeight, outWidth, channels], the whole tensor
//   tiles     how many tiles the panels hold; this call's tiles begin at firstTile
//   geometry, tiling, twiddles, scratch   as in input-transform.ts
//
// All buffers are 4-byte aligned and no two overlap. The kernel transforms rows first, then columns. The range is
// tiles, counted from firstImage.
export function fftOutputGrad(
  z: usize,
  dy: usize,
  geometry: usize,
  tiling: usize,
  twiddles: usize,
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
  if (!ASC_NO_ASSERT) {
    checkCall("fftOutputGrad", begin, end, min((g.batch - firstImage) * tilesOfImage(t), tiles - firstTile));
    checkGeometry(g);
    checkTiling(t, g);
    checkSize("channels", channels);
    checkAtLeast("firstTile", firstTile, 0);
    const panels = (channels + 15) >> 4;
    const first = firstImage + begin / tilesOfImage(t);
    const imageSize = positionsOf(g) * channels;
    checkOutput("z", z, (PLANES - 1) * planeStride + panels * tiles * 16);
    checkOutput("scratch", scratch, SCRATCH_FLOATS);
    checkInput("dy", at(dy, first * imageSize), imagesFrom(t, begin, end) * imageSize);
    checkInput("twiddles", twiddles, TWIDDLES);
  }
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
      spectrumOfTile(lanes, plane, at(from, c), line, pixel, rows, columns, 0, 0, -1, channels - c, scratch, twiddles);
    }
  }
}
