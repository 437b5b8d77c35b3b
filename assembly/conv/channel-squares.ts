import { checkCall, checkInput, checkOutput, checkSize } from "../contract";
import { at } from "../math/lanes";
import { BLOCK_ROWS, blocksOf, sumRows } from "../reduce/row-sums";
import { Square } from "./norms";

// partial[block, c] = the sum of squares (norms.ts) of channel c over a block of BLOCK_ROWS = 256 rows of x, one chain
// from 0, as maskedAvgPoolGradSums makes it. sumAxis then sums the blocks: the result is 0 where all of a channel is 0.
//
//   partial  [ceil(rows / 256), channels]
//   x        [rows, channels]
//
// Both buffers are 4-byte aligned and do not overlap. The range is blocks.
export function channelSquares(partial: usize, x: usize, rows: i32, channels: i32, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) {
    checkCall("channelSquares", begin, end, blocksOf(rows));
    checkSize("rows", rows);
    checkSize("channels", channels);
    checkOutput("partial", partial, blocksOf(rows) * channels);
    checkInput("x", x, rows * channels);
  }
  for (let block = begin; block < end; block++) {
    const row = block * BLOCK_ROWS;
    const count = min<i32>(BLOCK_ROWS, rows - row);
    sumRows<Square>(at(partial, block * channels), at(x, row * channels), count, channels, channels, false);
  }
}
