import { checkAtLeast, checkCall, checkInput, checkOutput, checkSize } from "../contract";
import { Geometry, positionsOf } from "../conv/geometry";
import { zeroRun } from "../conv/runs";
import { at } from "../math/lanes";
import { gradLines } from "./five-points-grad";
import {
  checkWindow,
  imagesFrom,
  outputColumns,
  outputRows,
  PLANES,
  POINTS,
  TILE,
  tilesAcross,
  tilesOfImage,
  unitOf,
} from "./tile";

// Bytes of a panel's 16 columns, and of four times as many, a line of scratch.
const PIXEL = 64;
const LINE = 256;

// Z = A dY A^T for each tile of 4 x 4 outputs, as the right-hand matrices of products over the tiles.
//
//   z         [25 planes] of panels [ceil(channels/16)][tiles][16], with planeStride floats from one plane to the next,
//             and 0 in the columns past `channels`; plane 5 j + i belongs to row point i and column point j
//   dy        [batch, outHeight, outWidth, channels], the whole tensor; what a tile has past its edge counts as 0
//   geometry  of the convolution, strides 1, of 2 x 2 taps
//   tiles     how many tiles the planes hold
//   scratch   [5, 4, 16], one buffer for each thread
//
// All buffers are 4-byte aligned and no two overlap. The kernel transforms the columns of a tile first, then its rows,
// and adds in the order that five-points-grad.ts states. The range is tiles, counted from firstImage.
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
  if (!ASC_NO_ASSERT) {
    checkCall("winogradOutputGrad", begin, end, min(tiles, (g.batch - firstImage) * tilesOfImage(g)));
    checkWindow(g);
    const panels = ((channels + 15) >> 4) * tiles * 16;
    const image = positionsOf(g) * channels;
    const first = firstImage + begin / tilesOfImage(g);
    checkSize("channels", channels);
    checkAtLeast("planeStride", planeStride, panels);
    checkOutput("z", z, (PLANES - 1) * planeStride + panels);
    checkOutput("scratch", scratch, POINTS * TILE * 16);
    checkInput("dy", at(dy, first * image), imagesFrom(g, begin, end) * image);
  }
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

// A of the columns of one tile's gradients, for `count` channels: [5, 4, 16].
function gradColumns(to: usize, dy: usize, g: Geometry, rows: i32, columns: i32, channels: i32, count: i32): void {
  const unit = unitOf(g);
  const pixel = (<usize>channels) << 2;
  const line = pixel * <usize>g.outWidth;
  const whole = count & ~3;
  if (whole) gradLines<v128>(to, LINE, PIXEL, dy, line, pixel, columns, rows, whole, unit);
  if (whole == count) return;
  gradLines<f32>(at(to, whole), LINE, PIXEL, at(dy, whole), line, pixel, columns, rows, count - whole, unit);
}

// A of the rows of these, to the tile's line of a panel in all its planes: `count` of 16 columns, then zeros.
function gradRows(to: usize, from: usize, columns: i32, count: i32, plane: usize, unit: f32): void {
  const written = (count + 3) & ~3;
  gradLines<v128>(to, 5 * plane, plane, from, PIXEL, LINE, 5, columns, written, unit);
  if (written == 16) return;
  for (let p = 0; p < 25; p++, to += plane) zeroRun(at(to, written), 16 - written);
}
