import { at } from "../math/lanes";
import { BLOCK_ROWS, sumRows, sumRun, Value } from "../reduce/row-sums";

// partial[block, c] = Σ x[r, c] over the rows of x [rows, channels], a block of BLOCK_ROWS = 256 rows at a time:
// partial [ceil(rows / 256), channels] is then summed by sumAxis(outer 1, count blocks, inner channels). Floats, 4-byte
// aligned, not overlapping. Within a block one ascending chain per channel; where there is one channel, the sixteen
// chains of sumRun. NaN in, NaN out. The range is blocks.
export function columnSums(partial: usize, x: usize, rows: i32, channels: i32, begin: i32, end: i32): void {
  for (let block = begin; block < end; block++) {
    const row = block * BLOCK_ROWS;
    const count = min<i32>(rows - row, BLOCK_ROWS);
    const sums = at(partial, block * channels);
    const from = at(x, row * channels);
    if (channels == 1) {
      store<f32>(sums, sumRun<Value>(from, 0, count));
    } else {
      sumRows<Value>(sums, from, count, channels, channels, false);
    }
  }
}
