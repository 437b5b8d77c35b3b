import { Geometry } from "../conv/geometry";
import { zeroRun } from "../conv/runs";
import { at } from "../math/lanes";
import { gradLinesOfEight } from "./eight-points-grad";
import { gradLinesOfFive } from "./five-points-grad";
import { firstColumn, firstRow, tilesOfImage, unitOf } from "./tile";

// Bytes of a panel's 16 columns, and of four of them: a line of scratch.
const PIXEL = 64;
const LINE = 256;

// Z = A dY A^T for each tile of 4 x 4 outputs, laid out as the right-hand matrices of products over the tiles.
//
//   z         [alpha * alpha planes] of panels [ceil(channels/16)][tiles][16], planes planeStride floats apart; columns past
//             `channels` are 0
//   dy        [batch, outHeight, outWidth, channels], the whole tensor; what a tile has past its edge counts as 0
//   geometry  of the convolution, strides 1; filterHeight = filterWidth decides alpha, 8 for 5 taps and 5 for 2
//   scratch   [alpha, 4, 16], one for each thread
//
// Four-byte aligned; nothing overlaps. Columns of a tile first, then its rows; each element by the order of additions that
// the points' file states. `tiles` is how many the planes hold. The range is tiles, counted from firstImage on.
export function winogradOutputGrad(
  z: usize,
  dy: usize,
  geometry: usize,
  channels: i32,
  tiles: i32,
  planeStride: i32,
  firstImage: i32,
  scratch: usize,
  begin: i32,
  end: i32,
): void {
  const g = changetype<Geometry>(geometry);
  const tilesPerImage = tilesOfImage(g);
  for (let tile = begin; tile < end; tile++) {
    const image = tile / tilesPerImage;
    const inImage = tile - image * tilesPerImage;
    const oy = firstRow(g, inImage);
    const ox = firstColumn(g, inImage);
    const from = at(dy, (((firstImage + image) * g.outHeight + oy) * g.outWidth + ox) * channels);
    for (let first = 0; first < channels; first += 16) {
      const to = at(z, first * tiles + (tile << 4));
      const count = min<i32>(channels - first, 16);
      gradTile(to, at(from, first), g, oy, ox, channels, count, (<usize>planeStride) << 2, scratch);
    }
  }
}

// One tile's line of one panel in all planes: `count` of the 16 columns, then zeros.
function gradTile(
  to: usize,
  dy: usize,
  g: Geometry,
  oy: i32,
  ox: i32,
  channels: i32,
  count: i32,
  plane: usize,
  scratch: usize,
): void {
  const size = g.filterHeight + 3;
  const unit = unitOf(g);
  const pixel = (<usize>channels) << 2;
  const row = pixel * <usize>g.outWidth;
  const rows = min<i32>(g.outHeight - oy, 4);
  const columns = min<i32>(g.outWidth - ox, 4);
  const written = (count + 3) & ~3;
  if (size == 8) {
    gradLinesOfEight(scratch, LINE, PIXEL, dy, row, pixel, columns, rows, count, unit);
    gradLinesOfEight(to, plane, 8 * plane, scratch, PIXEL, LINE, size, columns, written, unit);
  } else {
    gradLinesOfFive(scratch, LINE, PIXEL, dy, row, pixel, columns, rows, count, unit);
    gradLinesOfFive(to, plane, 5 * plane, scratch, PIXEL, LINE, size, columns, written, unit);
  }
  if (written == 16) return;
  for (let position = 0; position < size * size; position++) {
    zeroRun(at(to + <usize>position * plane, written), 16 - written);
  }
}
