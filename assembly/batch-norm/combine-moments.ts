import { checkCall, checkInput, checkOutput, checkSize } from "../contract";
import { at, loadLanes, storeLanes } from "../math/lanes";
import { BLOCK_ROWS, blocksOf } from "../reduce/row-sums";

// Makes the mean and rstd = 1 / √(variance + epsilon) of all rows from what columnMoments leaves of each block: a
// number m = partial[block, 0, c], and over the block's n rows (256 or, at the end, those that are left) S = Σ (x - m)
// = partial[block, 1, c] and M = Σ (x - m)² = partial[block, 2, c]. With m0 of the first block, and sums over the
// blocks:
//
//   origin   = m0 + Σ (n (m - m0) + S) / rows
//   shift    = Σ (n a + S) / rows             a = m - origin
//   mean     = origin + shift                 which takes back the rounding of origin
//   variance = Σ (M + 2 a S + n a²) / rows - shift²
//
// So the mean is rounded relative to how far the numbers lie apart and once as a float32; where all numbers are equal,
// it is that number. The variance is the biased one. mean and rstd are [channels]. All buffers hold floats, are 4-byte
// aligned and do not overlap. The kernel takes lanes of 4 and adds the blocks ascending. NaN in, NaN out. The range is
// channels. Source: Chan, Golub and LeVeque 1979, Updating formulae and a pairwise algorithm for computing sample
// variances.
export function combineMoments(
  mean: usize,
  rstd: usize,
  partial: usize,
  rows: i32,
  channels: i32,
  epsilon: f32,
  begin: i32,
  end: i32,
): void {
  if (!ASC_NO_ASSERT) {
    checkCall("combineMoments", begin, end, channels);
    checkSize("rows", rows);
    checkSize("channels", channels);
    checkOutput("mean", mean, channels);
    checkOutput("rstd", rstd, channels);
    checkInput("partial", partial, blocksOf(rows) * 3 * channels);
  }
  for (let c = begin; c < end; c += 4) {
    combine(at(mean, c), at(rstd, c), at(partial, c), rows, channels, epsilon, end - c);
  }
}

function combine(mean: usize, rstd: usize, partial: usize, rows: i32, channels: i32, epsilon: f32, count: i32): void {
  const step = <usize>channels * 12;
  const all = f32x4.splat(<f32>rows);
  const first = loadLanes(partial, count);
  let distances = f32x4.splat(0);
  for (let row = 0, p = partial; row < rows; row += BLOCK_ROWS, p += step) {
    const weighted = f32x4.mul(rowsFrom(row, rows), f32x4.sub(loadLanes(p, count), first));
    distances = f32x4.add(distances, f32x4.add(weighted, loadLanes(at(p, channels), count)));
  }
  const origin = f32x4.add(first, f32x4.div(distances, all));
  distances = f32x4.splat(0);
  let squares = f32x4.splat(0);
  for (let row = 0, p = partial; row < rows; row += BLOCK_ROWS, p += step) {
    const sum = loadLanes(at(p, channels), count);
    const a = f32x4.sub(loadLanes(p, count), origin);
    const weighted = f32x4.mul(rowsFrom(row, rows), a);
    distances = f32x4.add(distances, f32x4.add(weighted, sum));
    // n a² + 2 a S = a (n a + S + S).
    const between = f32x4.mul(a, f32x4.add(weighted, f32x4.add(sum, sum)));
    squares = f32x4.add(squares, f32x4.add(loadLanes(at(p, 2 * channels), count), between));
  }
  const shift = f32x4.div(distances, all);
  const variance = f32x4.sub(f32x4.div(squares, all), f32x4.mul(shift, shift));
  storeLanes(mean, f32x4.add(origin, shift), count);
  storeLanes(rstd, f32x4.div(f32x4.splat(1), f32x4.sqrt(f32x4.add(variance, f32x4.splat(epsilon)))), count);
}

// How many rows the block that starts here has.
function rowsFrom(row: i32, rows: i32): v128 {
  return f32x4.splat(<f32>min<i32>(rows - row, BLOCK_ROWS));
}
