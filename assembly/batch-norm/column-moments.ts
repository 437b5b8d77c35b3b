import { checkCall, checkInput, checkOutput, checkSize } from "../contract";
import { at } from "../math/lanes";
import { BLOCK_ROWS, blocksOf, Deviation, SquaredDeviation, sumRun } from "../reduce/row-sums";
import { Few, Last, ROWS_TOGETHER, Whole } from "./channel-access";

// Makes the moments of each channel c and each block of BLOCK_ROWS = 256 rows of x [rows, channels] about a number m
// near the mean:
//
//   partial[block, 0, c] = m = x[0, c] + Σ (x[r, c] - x[0, c]) / rows, with the block's own rows and the first of them
//   partial[block, 1, c] = Σ (x[r, c] - m)
//   partial[block, 2, c] = Σ (x[r, c] - m)²
//
// This takes one pass through memory for mean and variance, as a block is still in the cache when its own m is known.
// Nothing cancels as it would in E[x²] - E[x]². m is the mean but for rounding, and the second sum says by how much
// rounding missed it. In a constant channel all distances are 0, so m is exactly its number, whatever that is; a plain
// sum would round.
//
// partial is [ceil(rows / 256), 3, channels], and combineMoments then joins the blocks. Both buffers hold floats, are
// 4-byte aligned and do not overlap. Order of all sums: two rows at a time, t0 + t1, added ascending, and then a
// block's last row; where there is one channel, the sixteen chains of sumRun. NaN in, NaN out; an infinite first row
// gives NaN. The range is blocks. The kernel takes the last block first: x was written just before, and its end is
// still in the cache.
export function columnMoments(partial: usize, x: usize, rows: i32, channels: i32, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) {
    checkCall("columnMoments", begin, end, blocksOf(rows));
    checkSize("rows", rows);
    checkSize("channels", channels);
    checkOutput("partial", partial, blocksOf(rows) * 3 * channels);
    checkInput("x", x, rows * channels);
  }
  for (let block = end - 1; block >= begin; block--) {
    const row = block * BLOCK_ROWS;
    const count = min<i32>(rows - row, BLOCK_ROWS);
    const mean = at(partial, block * 3 * channels);
    const from = at(x, row * channels);
    if (channels == 1) {
      momentsOfRun(mean, from, count);
    } else {
      momentsOfRows(mean, from, count, channels);
    }
  }
}

function momentsOfRun(mean: usize, x: usize, count: i32): void {
  const first = load<f32>(x);
  const m = first + sumRun<Deviation>(x, first, count) / <f32>count;
  store<f32>(mean, m);
  store<f32>(mean, sumRun<Deviation>(x, m, count), 4);
  store<f32>(mean, sumRun<SquaredDeviation>(x, m, count), 8);
}

function momentsOfRows(mean: usize, x: usize, rows: i32, channels: i32): void {
  const sums = at(mean, channels);
  addRows<SumsAlone>(sums, x, x, rows, channels);
  for (let c = 0; c < channels; c++) {
    store<f32>(at(mean, c), load<f32>(at(x, c)) + load<f32>(at(sums, c)) / <f32>rows);
  }
  addRows<SumsAndSquares>(sums, x, mean, rows, channels);
}

// What a pass makes of distances beside their sum; a type parameter of the loops.

// Nothing.
@unmanaged
class SumsAlone {
  pair(squares: v128, _d: v128, _next: v128): v128 {
    return squares;
  }
  last(squares: v128, _d: v128): v128 {
    return squares;
  }
}

// The sum of their squares.
@unmanaged
class SumsAndSquares {
  pair(squares: v128, d: v128, next: v128): v128 {
    return f32x4.add(squares, f32x4.add(f32x4.mul(d, d), f32x4.mul(next, next)));
  }
  last(squares: v128, d: v128): v128 {
    return f32x4.add(squares, f32x4.mul(d, d));
  }
}

// sums[c] = Σ_r (x[r, c] - origin[c]) and, if asked, sums[channels + c] = Σ_r (x[r, c] - origin[c])².
function addRows<Sums>(sums: usize, x: usize, origin: usize, rows: i32, channels: i32): void {
  memory.fill(sums, 0, (<usize>channels) << 3);
  for (let row = 0; row < rows; row += ROWS_TOGETHER) {
    addTogether<Sums>(sums, at(x, row * channels), origin, min<i32>(rows - row, ROWS_TOGETHER), channels);
  }
}

// Adds some rows: channels by eights, by fours and the last ones.
function addTogether<Sums>(sums: usize, x: usize, origin: usize, rows: i32, channels: i32): void {
  const squares = at(sums, channels);
  if (channels < 4) {
    addLanes<Sums, Few>(sums, squares, x, origin, rows, channels, channels);
    return;
  }
  let c = 0;
  for (; c <= channels - 8; c += 8)
    addEight<Sums>(at(sums, c), at(squares, c), at(x, c), at(origin, c), rows, channels);
  for (; c <= channels - 4; c += 4) {
    addLanes<Sums, Whole>(at(sums, c), at(squares, c), at(x, c), at(origin, c), rows, channels, 4);
  }
  const rest = channels - c;
  if (rest == 0) return;
  c = channels - 4;
  addLanes<Sums, Last>(at(sums, c), at(squares, c), at(x, c), at(origin, c), rows, channels, rest);
}

// Adds eight channels of some rows, which lie `stride` elements apart.
function addEight<Sums>(sums: usize, squares: usize, x: usize, origin: usize, rows: i32, stride: i32): void {
  const pass = changetype<Sums>(0);
  const origin0 = v128.load(origin);
  const origin1 = v128.load(origin, 16);
  const step = (<usize>stride) << 2;
  let sum0 = v128.load(sums);
  let sum1 = v128.load(sums, 16);
  let square0 = v128.load(squares);
  let square1 = v128.load(squares, 16);
  let row = 0;
  for (; row <= rows - 2; row += 2, x += 2 * step) {
    const next = x + step;
    const d0 = f32x4.sub(v128.load(x), origin0);
    const d1 = f32x4.sub(v128.load(x, 16), origin1);
    const next0 = f32x4.sub(v128.load(next), origin0);
    const next1 = f32x4.sub(v128.load(next, 16), origin1);
    sum0 = f32x4.add(sum0, f32x4.add(d0, next0));
    sum1 = f32x4.add(sum1, f32x4.add(d1, next1));
    square0 = pass.pair(square0, d0, next0);
    square1 = pass.pair(square1, d1, next1);
  }
  if (row < rows) {
    const d0 = f32x4.sub(v128.load(x), origin0);
    const d1 = f32x4.sub(v128.load(x, 16), origin1);
    sum0 = f32x4.add(sum0, d0);
    sum1 = f32x4.add(sum1, d1);
    square0 = pass.last(square0, d0);
    square1 = pass.last(square1, d1);
  }
  v128.store(sums, sum0);
  v128.store(sums, sum1, 16);
  v128.store(squares, square0);
  v128.store(squares, square1, 16);
}

// Adds `count` lanes of some rows, which lie `stride` elements apart.
function addLanes<Sums, Access>(
  sums: usize,
  squares: usize,
  x: usize,
  origin: usize,
  rows: i32,
  stride: i32,
  count: i32,
): void {
  const pass = changetype<Sums>(0);
  const access = changetype<Access>(0);
  const origins = access.coefficient(origin, count);
  const step = (<usize>stride) << 2;
  let sum = access.load(sums, count);
  let square = access.load(squares, count);
  let row = 0;
  for (; row <= rows - 2; row += 2, x += 2 * step) {
    const d = f32x4.sub(access.load(x, count), origins);
    const next = f32x4.sub(access.load(x + step, count), origins);
    sum = f32x4.add(sum, f32x4.add(d, next));
    square = pass.pair(square, d, next);
  }
  if (row < rows) {
    const d = f32x4.sub(access.load(x, count), origins);
    sum = f32x4.add(sum, d);
    square = pass.last(square, d);
  }
  access.store(sums, sum, count);
  access.store(squares, square, count);
}
