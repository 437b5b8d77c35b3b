import { at, loadLanes, storeLanes } from "../math/lanes";
import { BLOCK_ROWS } from "../reduce/row-sums";

// mean[c] = Σ n m / rows and rstd[c] = 1 / √(Σ (M + n (m - mean[c])²) / rows + epsilon), over blocks of n = 256 rows or,
// at the end, what is left of them, with m = partial[block, 0, c] and M = partial[block, 1, c] as columnMoments leaves
// them: the mean and the biased variance of all rows. mean, rstd: [channels]; floats, 4-byte aligned, not overlapping.
// Lanes of 4; blocks ascending. NaN in, NaN out. The range is channels.
// Source: Chan, Golub and LeVeque 1979, Updating formulae and a pairwise algorithm for computing sample variances.
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
  for (let c = begin; c < end; c += 4) {
    combine(at(mean, c), at(rstd, c), at(partial, c), rows, channels, epsilon, end - c);
  }
}

function combine(mean: usize, rstd: usize, partial: usize, rows: i32, channels: i32, epsilon: f32, count: i32): void {
  const step = (<usize>channels) << 3;
  const all = f32x4.splat(<f32>rows);
  let total = f32x4.splat(0);
  for (let row = 0, p = partial; row < rows; row += BLOCK_ROWS, p += step) {
    total = f32x4.add(total, f32x4.mul(rowsFrom(row, rows), loadLanes(p, count)));
  }
  const means = f32x4.div(total, all);
  let deviations = f32x4.splat(0);
  for (let row = 0, p = partial; row < rows; row += BLOCK_ROWS, p += step) {
    const apart = f32x4.sub(loadLanes(p, count), means);
    const between = f32x4.mul(rowsFrom(row, rows), f32x4.mul(apart, apart));
    deviations = f32x4.add(deviations, f32x4.add(loadLanes(at(p, channels), count), between));
  }
  const variance = f32x4.div(deviations, all);
  storeLanes(mean, means, count);
  storeLanes(rstd, f32x4.div(f32x4.splat(1), f32x4.sqrt(f32x4.add(variance, f32x4.splat(epsilon)))), count);
}

// How many rows the block that starts here has.
function rowsFrom(row: i32, rows: i32): v128 {
  return f32x4.splat(<f32>min<i32>(rows - row, BLOCK_ROWS));
}
