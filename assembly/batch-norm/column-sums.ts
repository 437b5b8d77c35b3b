import { zip } from "../elementwise/map";
import { at } from "../math/lanes";
import { BLOCK_ROWS, Product, SquaredDeviation, sumRows, sumRun, Value } from "../reduce/row-sums";

// Sums over the rows of x [rows, channels], a block of BLOCK_ROWS = 256 rows at a time:
// partial [ceil(rows / 256), channels] is then summed by sumAxis(outer 1, count blocks, inner channels).
// mean, rstd: [channels]; all floats, 4-byte aligned, not overlapping. Within a block one ascending chain per
// channel; where there is one channel, the sixteen chains of sumRun. NaN in, NaN out. The range is blocks.

// partial[block, c] = Σ x[r, c].
export function columnSums(partial: usize, x: usize, rows: i32, channels: i32, begin: i32, end: i32): void {
  // Value reads neither dy nor mean; x stands in for addresses that may be loaded.
  sumBlocks<Value>(partial, x, x, x, rows, channels, begin, end);
}

// partial[block, c] = Σ (x[r, c] - mean[c])².
export function columnSquaredDeviations(
  partial: usize,
  x: usize,
  mean: usize,
  rows: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  sumBlocks<SquaredDeviation>(partial, x, x, mean, rows, channels, begin, end);
}

// partial[block, c] = rstd[c] Σ dy[r, c] (x[r, c] - mean[c]).
export function columnProducts(
  partial: usize,
  dy: usize,
  x: usize,
  mean: usize,
  rstd: usize,
  rows: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  sumBlocks<Product>(partial, x, dy, mean, rows, channels, begin, end);
  for (let block = begin; block < end; block++) {
    const sums = at(partial, block * channels);
    zip<Times>(sums, sums, rstd, f32x4.splat(0), 0, channels);
  }
}

function sumBlocks<Term>(
  partial: usize,
  x: usize,
  dy: usize,
  mean: usize,
  rows: i32,
  channels: i32,
  begin: i32,
  end: i32,
): void {
  for (let block = begin; block < end; block++) {
    const row = block * BLOCK_ROWS;
    const count = min<i32>(rows - row, BLOCK_ROWS);
    const sums = at(partial, block * channels);
    const first = row * channels;
    if (channels == 1) {
      store<f32>(sums, sumRun<Term>(at(x, first), at(dy, first), v128.load32_splat(mean), count));
    } else {
      sumRows<Term>(sums, at(x, first), at(dy, first), mean, count, channels, channels, false);
    }
  }
}

@unmanaged
class Times {
  lanes(a: v128, b: v128, _: v128): v128 {
    return f32x4.mul(a, b);
  }
}
