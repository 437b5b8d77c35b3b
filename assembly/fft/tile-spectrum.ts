import { at, loadLanes } from "../math/lanes";
import { lineAt, planesFromRows, rowAt, rowFromLine } from "./spectrum";

// Writes zeros where no pixel of any channel will be written. Call it once for all channels of a tile.
export function clearTile(scratch: usize, rows: i32, columns: i32): void {
  if (columns < 16) memory.fill(lineAt(scratch), 0, lineAt(scratch) - rowAt(scratch, 15));
  if (rows < 16) memory.fill(scratch, 0, lineAt(scratch) - scratch);
}

// Makes the spectrum of `count` channels of a tile, 16 at most, in planes that lie `plane` bytes apart. The spectrum of
// channels past `count` is 0.
//   from  the first pixel's first channel; rows of pixels lie fromRow bytes apart, pixels fromPixel
//   firstRow, firstColumn   the place of that pixel among 16 x 16
//   step  1, or -1 to lay the tile out backwards from there, upwards and to the left; places count modulo 16
export function spectrumOfTile(
  to: usize,
  plane: usize,
  from: usize,
  fromRow: usize,
  fromPixel: usize,
  rows: i32,
  columns: i32,
  firstRow: i32,
  firstColumn: i32,
  step: i32,
  count: i32,
  scratch: usize,
  twiddles: usize,
): void {
  const line = lineAt(scratch);
  for (let i = 0; i < rows; i++, from += fromRow) {
    let place = firstColumn;
    let p = from;
    for (let j = 0; j < columns; j++, p += fromPixel, place += step) {
      copyChannels(line + ((<usize>(place & 15)) << 6), p, count);
    }
    rowFromLine(scratch, (firstRow + step * i) & 15, twiddles);
  }
  planesFromRows(to, plane, scratch, twiddles);
}

function copyChannels(to: usize, from: usize, count: i32): void {
  if (count >= 16) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    v128.store(to, v128.load(from, 32), 32);
    v128.store(to, v128.load(from, 48), 48);
    return;
  }
  for (let c = 0; c < 16; c += 4) {
    v128.store(at(to, c), c < count ? loadLanes(at(from, c), count - c) : f32x4.splat(0));
  }
}
