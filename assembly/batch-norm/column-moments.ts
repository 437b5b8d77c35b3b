import { at } from "../math/lanes";
import { BLOCK_ROWS, SquaredDeviation, sumRun, Value } from "../reduce/row-sums";
import { Few, Last, ROWS_TOGETHER, Whole } from "./channel-access";

// partial[block, 0, c] = m, the mean of x[r, c] over a block of BLOCK_ROWS = 256 rows, and partial[block, 1, c] =
// Σ (x[r, c] - m)² over them: mean and variance in one pass through memory, as a block is still in the cache when its own
// mean is known. Nothing cancels as it would in E[x²] - E[x]². x: [rows, channels]; partial: [ceil(rows / 256), 2,
// channels], then joined by combineMoments; floats, 4-byte aligned, not overlapping. Order of both sums: four rows at a
// time, (t0 + t1) + (t2 + t3), added ascending; then a block's last rows one by one; where there is one channel, the
// sixteen chains of sumRun. NaN in, NaN out. The range is blocks, the last one first: x was written just before, and its end
// is still in the cache.
export function columnMoments(partial: usize, x: usize, rows: i32, channels: i32, begin: i32, end: i32): void {
  for (let block = end - 1; block >= begin; block--) {
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
  for (let row = 0; row < rows; row += ROWS_TOGETHER) {
    addTogether<Term>(sums, at(x, row * channels), mean, min<i32>(rows - row, ROWS_TOGETHER), channels);
  }
}

// Some rows, channels by eights, by fours and the last ones.
function addTogether<Term>(sums: usize, x: usize, mean: usize, rows: i32, channels: i32): void {
  if (channels < 4) {
    addLanes<Term, Few>(sums, x, mean, rows, channels, channels);
    return;
  }
  let c = 0;
  for (; c <= channels - 8; c += 8) addEight<Term>(at(sums, c), at(x, c), at(mean, c), rows, channels);
  for (; c <= channels - 4; c += 4) addLanes<Term, Whole>(at(sums, c), at(x, c), at(mean, c), rows, channels, 4);
  const rest = channels - c;
  if (rest == 0) return;
  c = channels - 4;
  addLanes<Term, Last>(at(sums, c), at(x, c), at(mean, c), rows, channels, rest);
}

// Adds eight channels of some rows, which are so many elements apart.
function addEight<Term>(sums: usize, x: usize, mean: usize, rows: i32, stride: i32): void {
  const term = changetype<Term>(0);
  const mean0 = v128.load(mean);
  const mean1 = v128.load(mean, 16);
  const step = (<usize>stride) << 2;
  let sum0 = v128.load(sums);
  let sum1 = v128.load(sums, 16);
  let row = 0;
  for (; row <= rows - 4; row += 4) {
    const second = x + step;
    const third = second + step;
    const fourth = third + step;
    const low0 = f32x4.add(term.lanes(v128.load(x), mean0), term.lanes(v128.load(second), mean0));
    const low1 = f32x4.add(term.lanes(v128.load(x, 16), mean1), term.lanes(v128.load(second, 16), mean1));
    const high0 = f32x4.add(term.lanes(v128.load(third), mean0), term.lanes(v128.load(fourth), mean0));
    const high1 = f32x4.add(term.lanes(v128.load(third, 16), mean1), term.lanes(v128.load(fourth, 16), mean1));
    sum0 = f32x4.add(sum0, f32x4.add(low0, high0));
    sum1 = f32x4.add(sum1, f32x4.add(low1, high1));
    x = fourth + step;
  }
  for (; row < rows; row++, x += step) {
    sum0 = f32x4.add(sum0, term.lanes(v128.load(x), mean0));
    sum1 = f32x4.add(sum1, term.lanes(v128.load(x, 16), mean1));
  }
  v128.store(sums, sum0);
  v128.store(sums, sum1, 16);
}

// Adds `count` lanes of some rows.
function addLanes<Term, Access>(sums: usize, x: usize, mean: usize, rows: i32, channels: i32, count: i32): void {
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
