import { at, loadLanes } from "../math/lanes";
import { lineAt, planesFromRows, rowAt, rowFromLine } from "./spectrum";

// Zeros where no pixel of any channel will be written. To be called once for all channels of a tile.
export function clearTile(scratch: usize, rows: i32, columns: i32): void {
  if (columns < 16) memory.fill(lineAt(scratch), 0, lineAt(scratch) - rowAt(scratch, 15));
  if (rows < 16) memory.fill(scratch, 0, lineAt(scratch) - scratch);
}

// The spectrum of `count` channels, 16 at most, of a tile, to planes `plane` bytes apart; of channels past `count` it is 0.
//   from  the first pixel's first channel; rows of pixels fromRow bytes apart, pixels fromPixel
//   firstRow, firstColumn   where that pixel goes among 16 x 16
//   step  1, or -1 where the tile is laid out backwards from there, upwards and to the left. Places are taken modulo 16.
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
  turns: usize,
): void {
  const line = lineAt(scratch);
  for (let i = 0; i < rows; i++, from += fromRow) {
    let place = firstColumn;
    let p = from;
    for (let j = 0; j < columns; j++, p += fromPixel, place += step) {
      copyChannels(line + ((<usize>(place & 15)) << 6), p, count);
    }
    rowFromLine(scratch, (firstRow + step * i) & 15, turns);
  }
  planesFromRows(to, plane, scratch, turns);
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
