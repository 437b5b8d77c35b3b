import { checkCall, checkInput, checkOutput, checkSize } from "../contract";
import { at } from "../math/lanes";
import { BLOCK_ROWS, blocksOf, sumRows, sumRun, Value } from "../reduce/row-sums";

// partial[block, c] = Σ x[r, c] over the rows of x [rows, channels], a block of BLOCK_ROWS = 256 rows at a time.
// sumAxis(outer 1, count blocks, inner channels) then sums partial [ceil(rows / 256), channels]. Both buffers hold
// floats, are 4-byte aligned and do not overlap. Within a block a channel is one ascending chain; where there is one
// channel, the block is the sixteen chains of sumRun. NaN in, NaN out. The range is blocks.
export function columnSums(partial: usize, x: usize, rows: i32, channels: i32, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) {
    checkCall("columnSums", begin, end, blocksOf(rows));
    checkSize("rows", rows);
    checkSize("channels", channels);
    checkOutput("partial", partial, blocksOf(rows) * channels);
    checkInput("x", x, rows * channels);
  }
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
