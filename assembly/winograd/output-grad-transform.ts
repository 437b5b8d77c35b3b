import { Geometry } from "../conv/geometry";
import { zeroRun } from "../conv/runs";
import { at } from "../math/lanes";
import { gradLinesOfEight } from "./eight-points-grad";
import { gradLinesOfFive } from "./five-points-grad";
import { commonPoints, firstOfGroup, tileNumber, tilesOfGroup } from "./planes";
import { gradLinesOfSix } from "./six-points-grad";
import { pointsAcross, pointsDown, tilesAcross, tilesOfImage, unitOf } from "./tile";

// Bytes of a panel's 16 columns, and of four of them: a line of scratch.
const PIXEL = 64;
const LINE = 256;

// Z = A dY A^T for each tile of 4 x 4 outputs, laid out as the right-hand matrices of products over the tiles.
//
//   z         [alpha * alpha planes, see planes.ts] of panels [ceil(channels/16)][tiles][16], planes planeStride floats apart;
//             panels hold the tiles of the plane's group alone; columns past `channels` are 0
//   dy        [batch, outHeight, outWidth, channels], the whole tensor; what a tile has past its edge counts as 0
//   geometry  of the convolution, strides 1; filterHeight = filterWidth decides alpha, 8 for 5 taps and 5 for 2; it is 6 along
//             the short side of a tail (tile.ts)
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
  const images = tiles / tilesPerImage;
  for (let tile = begin; tile < end; tile++) {
    const image = tile / tilesPerImage;
    const inImage = tile - image * tilesPerImage;
    const row = inImage / tilesAcross(g);
    const column = inImage % tilesAcross(g);
    const number = tileNumber(g, images, image, row, column);
    const from = at(dy, (((firstImage + image) * g.outHeight + 4 * row) * g.outWidth + 4 * column) * channels);
    for (let first = 0; first < channels; first += 16) {
      const count = min<i32>(channels - first, 16);
      gradColumns(scratch, at(from, first), g, row, column, channels, count);
      gradRows(z, scratch, g, images, row, column, number, first, count, (<usize>planeStride) << 2);
    }
  }
}

// A of the columns of one tile's gradients, `count` of the channels: [points, 4, 16].
function gradColumns(to: usize, dy: usize, g: Geometry, row: i32, column: i32, channels: i32, count: i32): void {
  const whole = count & ~3;
  if (whole) gradColumnsOf<v128>(to, dy, g, row, column, channels, whole);
  if (whole < count) gradColumnsOf<f32>(at(to, whole), at(dy, whole), g, row, column, channels, count - whole);
}

function gradColumnsOf<Moved>(
  to: usize,
  dy: usize,
  g: Geometry,
  row: i32,
  column: i32,
  channels: i32,
  count: i32,
): void {
  const unit = unitOf(g);
  const pixel = (<usize>channels) << 2;
  const step = pixel * <usize>g.outWidth;
  const points = pointsDown(g, row);
  const given = min<i32>(g.outHeight - 4 * row, 4);
  const columns = min<i32>(g.outWidth - 4 * column, 4);
  const rest = to + 6 * LINE;
  if (points == 8) gradLinesOfEight<Moved>(to, LINE, PIXEL, rest, dy, step, pixel, columns, given, count, unit);
  else if (points == 6) gradLinesOfSix<Moved>(to, LINE, PIXEL, dy, step, pixel, columns, given, count);
  else gradLinesOfFive<Moved>(to, LINE, PIXEL, dy, step, pixel, columns, given, count, unit);
}

// A of the rows of that, to the tile's line of the panel that starts at channel `first`, in all its planes.
function gradRows(
  z: usize,
  from: usize,
  g: Geometry,
  images: i32,
  row: i32,
  column: i32,
  number: i32,
  first: i32,
  count: i32,
  plane: usize,
): void {
  const size = g.filterHeight + 3;
  const width = pointsAcross(g, column);
  const given = min<i32>(g.outWidth - 4 * column, 4);
  const common = commonPoints(size);
  const others = pointsDown(g, row) - common;
  let to = lineOf(z, g, images, number, first, true, true);
  let rest = lineOf(z, g, images, number, first, true, false) + <usize>(common * common) * plane;
  gradLines(to, rest, from, common, width, given, count, plane, unitOf(g));
  if (others <= 0) return;
  z += <usize>(common * size) * plane;
  to = lineOf(z, g, images, number, first, false, true);
  rest = lineOf(z, g, images, number, first, false, false) + <usize>(others * common) * plane;
  gradLines(to, rest, from + <usize>common * LINE, others, width, given, count, plane, unitOf(g));
}

// A tile's line in a plane of a group that starts at z.
function lineOf(
  z: usize,
  g: Geometry,
  images: i32,
  number: i32,
  first: i32,
  commonRow: bool,
  commonColumn: bool,
): usize {
  const line = number - firstOfGroup(g, images, commonColumn);
  return at(z, first * tilesOfGroup(g, images, commonRow, commonColumn) + (line << 4));
}

// Rows at `points` row points: `count` of 16 columns, then zeros. Planes of common column points start at `to`, those of the
// others at `rest`.
function gradLines(
  to: usize,
  rest: usize,
  from: usize,
  points: i32,
  width: i32,
  given: i32,
  count: i32,
  plane: usize,
  unit: f32,
): void {
  const step = <usize>points * plane;
  const written = (count + 3) & ~3;
  if (width == 8) gradLinesOfEight<v128>(to, step, plane, rest, from, PIXEL, LINE, points, given, written, unit);
  else if (width == 6) gradLinesOfSix<v128>(to, step, plane, from, PIXEL, LINE, points, given, written);
  else gradLinesOfFive<v128>(to, step, plane, from, PIXEL, LINE, points, given, written, unit);
  if (written == 16) return;
  zeroPast(to, points * commonPoints(width), plane, written);
  if (width == 8) zeroPast(rest, points * 2, plane, written);
}

function zeroPast(to: usize, planes: i32, plane: usize, written: i32): void {
  for (; planes > 0; planes--, to += plane) zeroRun(at(to, written), 16 - written);
}
