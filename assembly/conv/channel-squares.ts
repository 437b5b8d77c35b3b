import { at } from "../math/lanes";
import { BLOCK_ROWS, sumRows } from "../reduce/row-sums";
import { Square } from "./norms";

// partial[block, c] = the sum of squares (norms.ts) of channel c over a block of BLOCK_ROWS = 256 rows of x, one chain
// from 0, as maskedAvgPoolGradSums makes it. Then summed by sumAxis: 0 where all of a channel is 0.
//
//   partial  [ceil(rows / 256), channels]
//   x        [rows, channels]
//
// Four-byte aligned; nothing overlaps. The range is blocks.
export function channelSquares(partial: usize, x: usize, rows: i32, channels: i32, begin: i32, end: i32): void {
  for (let block = begin; block < end; block++) {
    const row = block * BLOCK_ROWS;
    const count = min<i32>(BLOCK_ROWS, rows - row);
    sumRows<Square>(at(partial, block * channels), at(x, row * channels), count, channels, channels, false);
  }
}
