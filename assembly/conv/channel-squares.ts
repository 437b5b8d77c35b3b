import { at, loadLanes, storeLanes } from "../math/lanes";
import { BLOCK_ROWS } from "../reduce/row-sums";

// What a square has beside, where its number is not 0: 2^-104. Squares of smaller numbers may be 0.
const LEAST: f32 = 1.0 / 20282409603651670423947251286016.0;

// The square of each lane, and a little more: 0 where it is 0 alone, never less than the exact square.
export function squareOf(x: v128): v128 {
  return f32x4.add(f32x4.mul(x, x), v128.and(f32x4.splat(LEAST), f32x4.ne(x, f32x4.splat(0))));
}

// partial[block, c] = the sum of squares (squareOf) of channel c over a block of BLOCK_ROWS = 256 rows of x, one chain
// from 0, as maskedAvgPoolGradSums makes it. Then summed by sumAxis: 0 where all of a channel is 0.
//
//   partial  [ceil(rows / 256), channels]
//   x        [rows, channels]
//
// Four-byte aligned; nothing overlaps. The range is blocks.
export function channelSquares(partial: usize, x: usize, rows: i32, channels: i32, begin: i32, end: i32): void {
  for (let block = begin; block < end; block++) {
    const first = block * BLOCK_ROWS;
    const count = min<i32>(BLOCK_ROWS, rows - first);
    const from = at(x, first * channels);
    const to = at(partial, block * channels);
    let c = 0;
    for (; c <= channels - 16; c += 16) squaresOfSixteen(at(to, c), at(from, c), count, channels);
    for (; c < channels; c += 4) squaresOfFour(at(to, c), at(from, c), count, channels, channels - c);
  }
}

function squaresOfSixteen(to: usize, x: usize, rows: i32, channels: i32): void {
  let sum0 = f32x4.splat(0);
  let sum1 = sum0;
  let sum2 = sum0;
  let sum3 = sum0;
  for (; rows > 0; rows--, x += (<usize>channels) << 2) {
    sum0 = f32x4.add(sum0, squareOf(v128.load(x)));
    sum1 = f32x4.add(sum1, squareOf(v128.load(x, 16)));
    sum2 = f32x4.add(sum2, squareOf(v128.load(x, 32)));
    sum3 = f32x4.add(sum3, squareOf(v128.load(x, 48)));
  }
  v128.store(to, sum0);
  v128.store(to, sum1, 16);
  v128.store(to, sum2, 32);
  v128.store(to, sum3, 48);
}

function squaresOfFour(to: usize, x: usize, rows: i32, channels: i32, left: i32): void {
  let sum = f32x4.splat(0);
  for (; rows > 0; rows--, x += (<usize>channels) << 2) sum = f32x4.add(sum, squareOf(loadLanes(x, left)));
  storeLanes(to, sum, left);
}
