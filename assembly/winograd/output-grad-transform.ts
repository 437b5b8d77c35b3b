import { Geometry } from "../conv/geometry";
import { zeroRun } from "../conv/runs";
import { at } from "../math/lanes";
import { gradLines } from "./five-points-grad";
import { outputColumns, outputRows, tilesAcross, tilesOfImage, unitOf } from "./tile";

// Bytes of a panel's 16 columns, and of four of them: a line of scratch.
const PIXEL = 64;
const LINE = 256;

// Z = A dY A^T for each tile of 4 x 4 outputs, laid out as the right-hand matrices of products over the tiles.
//
//   z         [25 planes] of panels [ceil(channels/16)][tiles][16], planes planeStride floats apart; plane 5 j + i is that of
//             row point i and column point j; columns past `channels` are 0
//   dy        [batch, outHeight, outWidth, channels], the whole tensor; what a tile has past its edge counts as 0
//   geometry  of the convolution, strides 1, of 2 x 2 taps
//   scratch   [5, 4, 16], one for each thread
//
// Four-byte aligned; nothing overlaps. Columns of a tile first, then its rows; each element by the order of additions that
// five-points-grad.ts states. `tiles` is how many the planes hold. The range is tiles, counted from firstImage on.
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
  const plane = (<usize>planeStride) << 2;
  for (let tile = begin; tile < end; tile++) {
    const image = tile / tilesOfImage(g);
    const row = (tile % tilesOfImage(g)) / tilesAcross(g);
    const column = tile % tilesAcross(g);
    const rows = outputRows(g, row);
    const columns = outputColumns(g, column);
    const from = at(dy, (((firstImage + image) * g.outHeight + 4 * row) * g.outWidth + 4 * column) * channels);
    for (let first = 0; first < channels; first += 16) {
      const count = min<i32>(channels - first, 16);
      gradColumns(scratch, at(from, first), g, rows, columns, channels, count);
      gradRows(at(z, first * tiles + (tile << 4)), scratch, columns, count, plane, unitOf(g));
    }
  }
}

// A of the columns of one tile's gradients, `count` of the channels: [5, 4, 16].
function gradColumns(to: usize, dy: usize, g: Geometry, rows: i32, columns: i32, channels: i32, count: i32): void {
  const unit = unitOf(g);
  const pixel = (<usize>channels) << 2;
  const line = pixel * <usize>g.outWidth;
  const whole = count & ~3;
  if (whole) gradLines<v128>(to, LINE, PIXEL, dy, line, pixel, columns, rows, whole, unit);
  if (whole == count) return;
  gradLines<f32>(at(to, whole), LINE, PIXEL, at(dy, whole), line, pixel, columns, rows, count - whole, unit);
}

// A of the rows of that, to the tile's line of a panel, in all its planes: `count` of 16 columns, then zeros.
function gradRows(to: usize, from: usize, columns: i32, count: i32, plane: usize, unit: f32): void {
  const written = (count + 3) & ~3;
  gradLines<v128>(to, 5 * plane, plane, from, PIXEL, LINE, 5, columns, written, unit);
  if (written == 16) return;
  for (let p = 0; p < 25; p++, to += plane) zeroRun(at(to, written), 16 - written);
}
