import { checkCall, checkInput, checkOutput, checkSize } from "../contract";
import { blockSteps } from "./block";
import { TILE_ROWS } from "./gemm";
import { addProduct } from "./lanes";

// c = (accumulate ? c : 0) + A * b: a product with one column. In a panel it would leave 15 of 16 columns idle.
//
//   c  m floats
//   a  row-major [m, k], or [k, m] where `transposed` is 1
//   b  k floats
//
// All buffers are 4-byte aligned and all sizes are at least 1; c overlaps neither a nor b. The kernel gives the bits of
// gemm: it takes k in blocks (block.ts), sums one chain from 0 in ascending k in each block, and adds the block sums in
// ascending order. Four rows lie in the four lanes, so every lane is the chain of one row.
//
// The range is tiles of 64 rows.
export function matrixTimesVector(
  c: usize,
  a: usize,
  b: usize,
  m: i32,
  k: i32,
  transposed: i32,
  accumulate: i32,
  begin: i32,
  end: i32,
): void {
  if (!ASC_NO_ASSERT) {
    checkCall("matrixTimesVector", begin, end, (m + TILE_ROWS - 1) / TILE_ROWS);
    checkSize("m", m);
    checkSize("k", k);
    checkOutput("c", c, m);
    checkInput("a", a, m * k);
    checkInput("b", b, k);
  }
  const first = begin * TILE_ROWS;
  const rows = min(m, end * TILE_ROWS) - first;
  const rowBytes: usize = transposed ? 4 : (<usize>k) << 2;
  const stepBytes: usize = transposed ? (<usize>m) << 2 : 4;
  const most = blockSteps(k);
  c += (<usize>first) << 2;
  a += <usize>first * rowBytes;
  for (let step = 0; step < k; step += most) {
    const steps = min(most, k - step);
    const add = accumulate != 0 || step > 0;
    const done = transposed
      ? sumLines(c, a, b, rows, steps, stepBytes, add)
      : sumRows(c, a, b, rows, steps, rowBytes, add);
    sumLastRows(c, a, b, done, rows, steps, rowBytes, stepBytes, add);
    a += <usize>steps * stepBytes;
    b += (<usize>steps) << 2;
  }
}

// A row-major: four rows by four steps are transposed in registers. Computes all whole fours of rows and returns the
// number of those rows.
function sumRows(c: usize, a: usize, b: usize, rows: i32, steps: i32, rowBytes: usize, add: bool): i32 {
  const end = b + ((<usize>steps) << 2);
  const lastRound = end - 16;
  let row = 0;
  for (; row <= rows - 4; row += 4, c += 16, a += 4 * rowBytes) {
    let a0 = a;
    let a1 = a + rowBytes;
    let a2 = a1 + rowBytes;
    let a3 = a2 + rowBytes;
    let sums = f32x4.splat(0);
    let x = b;
    for (; x <= lastRound; x += 16, a0 += 16, a1 += 16, a2 += 16, a3 += 16) {
      const r0 = v128.load(a0);
      const r1 = v128.load(a1);
      const r2 = v128.load(a2);
      const r3 = v128.load(a3);
      const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
      const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
      const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
      const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
      sums = addProduct(sums, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5), v128.load32_splat(x));
      sums = addProduct(sums, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7), v128.load32_splat(x, 4));
      sums = addProduct(sums, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5), v128.load32_splat(x, 8));
      sums = addProduct(sums, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7), v128.load32_splat(x, 12));
    }
    for (; x < end; x += 4, a0 += 4, a1 += 4, a2 += 4, a3 += 4) {
      const low = v128.load32_lane(a1, v128.load32_zero(a0), 1);
      const column = v128.load32_lane(a3, v128.load32_lane(a2, low, 2), 3);
      sums = addProduct(sums, column, v128.load32_splat(x));
    }
    v128.store(c, add ? f32x4.add(v128.load(c), sums) : sums);
  }
  return row;
}

// A transposed: its lines hold the rows side by side. Takes sixteen rows at once; where fewer are left, it takes the
// last four rows again. Does nothing below four rows. Returns the number of rows it has computed.
function sumLines(c: usize, a: usize, b: usize, rows: i32, steps: i32, lineBytes: usize, add: bool): i32 {
  const end = b + ((<usize>steps) << 2);
  let row = 0;
  for (; row <= rows - 4; row += 16, c += 64, a += 64) {
    const lastFour = (<usize>(rows - 4 - row)) << 2;
    const second = min<usize>(16, lastFour);
    const third = min<usize>(32, lastFour);
    const fourth = min<usize>(48, lastFour);
    let a0 = a;
    let a1 = a + second;
    let a2 = a + third;
    let a3 = a + fourth;
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    for (let x = b; x < end; x += 4, a0 += lineBytes, a1 += lineBytes, a2 += lineBytes, a3 += lineBytes) {
      const factor = v128.load32_splat(x);
      s0 = addProduct(s0, factor, v128.load(a0));
      s1 = addProduct(s1, factor, v128.load(a1));
      s2 = addProduct(s2, factor, v128.load(a2));
      s3 = addProduct(s3, factor, v128.load(a3));
    }
    if (add) {
      s0 = f32x4.add(v128.load(c), s0);
      s1 = f32x4.add(v128.load(c + second), s1);
      s2 = f32x4.add(v128.load(c + third), s2);
      s3 = f32x4.add(v128.load(c + fourth), s3);
    }
    v128.store(c, s0);
    v128.store(c + second, s1);
    v128.store(c + third, s2);
    v128.store(c + fourth, s3);
  }
  return min(row, rows);
}

// Computes the rows from `first` on one by one; there are fewer than four.
function sumLastRows(
  c: usize,
  a: usize,
  b: usize,
  first: i32,
  rows: i32,
  steps: i32,
  rowBytes: usize,
  stepBytes: usize,
  add: bool,
): void {
  for (let row = first; row < rows; row++) {
    const to = c + ((<usize>row) << 2);
    let from = a + <usize>row * rowBytes;
    let sum: f32 = 0;
    for (let step: usize = 0; step < (<usize>steps) << 2; step += 4, from += stepBytes) {
      sum += load<f32>(from) * load<f32>(b + step);
    }
    store<f32>(to, add ? load<f32>(to) + sum : sum);
  }
}
