import { at } from "../math/lanes";
import { BLOCK_ROWS, SquaredDeviation, sumRun, Value } from "../reduce/row-sums";
import { ROWS_TOGETHER, Tail, Whole } from "./channel-access";

// partial[block, 0, c] = m, the mean of x[r, c] over a block of BLOCK_ROWS = 256 rows, and partial[block, 1, c] =
// Σ (x[r, c] - m)² over them: mean and variance in one pass through memory, as a block is still in the cache when its own
// mean is known. Nothing cancels as it would in E[x²] - E[x]². x: [rows, channels]; partial: [ceil(rows / 256), 2,
// channels], then joined by combineMoments; floats, 4-byte aligned, not overlapping. Order of both sums: four rows at a
// time, (t0 + t1) + (t2 + t3), added ascending; then a block's last rows one by one; where there is one channel, the
// sixteen chains of sumRun. NaN in, NaN out. The range is blocks.
export function columnMoments(partial: usize, x: usize, rows: i32, channels: i32, begin: i32, end: i32): void {
  for (let block = begin; block < end; block++) {
    const row = block * BLOCK_ROWS;
    const count = min<i32>(rows - row, BLOCK_ROWS);
    const mean = at(partial, block * 2 * channels);
    const from = at(x, row * channels);
    if (channels == 1) {
      momentsOfRun(mean, from, count);
    } else {
      momentsOfRows(mean, from, count, channels);
    }
  }
}

function momentsOfRun(mean: usize, x: usize, count: i32): void {
  const quotient = sumRun<Value>(x, 0, count) / <f32>count;
  store<f32>(mean, quotient);
  store<f32>(mean, sumRun<SquaredDeviation>(x, quotient, count), 4);
}

function momentsOfRows(mean: usize, x: usize, rows: i32, channels: i32): void {
  memory.fill(mean, 0, (<usize>channels) << 3);
  // Value reads no mean; its sums stand in for an address that may be loaded.
  addRows<Value>(mean, x, mean, rows, channels);
  for (let c = 0; c < channels; c++) store<f32>(at(mean, c), load<f32>(at(mean, c)) / <f32>rows);
  addRows<SquaredDeviation>(at(mean, channels), x, mean, rows, channels);
}

// sums[c] += Σ_r term(x[r, c], mean[c]).
function addRows<Term>(sums: usize, x: usize, mean: usize, rows: i32, channels: i32): void {
  const whole = channels & ~3;
  for (let row = 0; row < rows; row += ROWS_TOGETHER) {
    const together = min<i32>(rows - row, ROWS_TOGETHER);
    const from = at(x, row * channels);
    for (let c = 0; c < whole; c += 4) {
      addRowsTogether<Term, Whole>(at(sums, c), at(from, c), at(mean, c), together, channels, 4);
    }
    if (whole == channels) continue;
    addRowsTogether<Term, Tail>(
      at(sums, whole),
      at(from, whole),
      at(mean, whole),
      together,
      channels,
      channels - whole,
    );
  }
}

// Adds `count` lanes of some rows.
function addRowsTogether<Term, Access>(sums: usize, x: usize, mean: usize, rows: i32, channels: i32, count: i32): void {
  const access = changetype<Access>(0);
  const means = access.coefficient(mean, count);
  const step = (<usize>channels) << 2;
  let sum = access.load(sums, count);
  let row = 0;
  for (; row <= rows - 4; row += 4, x += 4 * step) {
    const first = f32x4.add(term<Term, Access>(x, means, count), term<Term, Access>(x + step, means, count));
    const third = x + 2 * step;
    const second = f32x4.add(term<Term, Access>(third, means, count), term<Term, Access>(third + step, means, count));
    sum = f32x4.add(sum, f32x4.add(first, second));
  }
  for (; row < rows; row++, x += step) sum = f32x4.add(sum, term<Term, Access>(x, means, count));
  access.store(sums, sum, count);
}

function term<Term, Access>(x: usize, mean: v128, count: i32): v128 {
  return changetype<Term>(0).lanes(changetype<Access>(0).load(x, count), mean);
}
