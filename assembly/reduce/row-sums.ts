import { at, firstLanes, loadLanes, storeLanes, sumLanes } from "../math/lanes";

// The loops of every sum. What is summed is an unmanaged class with two methods, named by a type parameter and never
// allocated, as in elementwise/map.ts: gradient(p) loads a lane of dy where the term needs one, and lanes(x, dy, mean).
//
// A long sum is made of blocks of BLOCK_ROWS rows; the sums of the blocks are added in ascending order. So rounding
// errors grow with BLOCK_ROWS + rows / BLOCK_ROWS, not with rows.
export const BLOCK_ROWS: i32 = 256;

// Σ x.
@unmanaged
export class Value {
  lanes(x: v128, _dy: v128, _mean: v128): v128 {
    return x;
  }
  gradient(_p: usize, _count: i32): v128 {
    return f32x4.splat(0);
  }
}

// Σ (x - mean)².
@unmanaged
export class SquaredDeviation {
  lanes(x: v128, _dy: v128, mean: v128): v128 {
    const deviation = f32x4.sub(x, mean);
    return f32x4.mul(deviation, deviation);
  }
  gradient(_p: usize, _count: i32): v128 {
    return f32x4.splat(0);
  }
}

// Σ dy (x - mean).
@unmanaged
export class Product {
  lanes(x: v128, dy: v128, mean: v128): v128 {
    return f32x4.mul(dy, f32x4.sub(x, mean));
  }
  gradient(p: usize, count: i32): v128 {
    return loadLanes(p, count);
  }
}

// sums[c] = (accumulate ? sums[c] : 0) + Σ_r term(x[r, c], dy[r, c], mean[c]) for 0 <= c < columns, r < rows.
// Rows lie `stride` elements apart. One chain from 0 per column, rows ascending. Groups of 16 columns hold four
// chains of vectors, which hides the latency of the addition.
export function sumRows<Term>(
  sums: usize,
  x: usize,
  dy: usize,
  mean: usize,
  rows: i32,
  stride: i32,
  columns: i32,
  accumulate: bool,
): void {
  const term = changetype<Term>(0);
  const step = stride << 2;
  let c = 0;
  for (; c <= columns - 16; c += 16) {
    const mean0 = v128.load(at(mean, c));
    const mean1 = v128.load(at(mean, c), 16);
    const mean2 = v128.load(at(mean, c), 32);
    const mean3 = v128.load(at(mean, c), 48);
    let sum0 = f32x4.splat(0);
    let sum1 = f32x4.splat(0);
    let sum2 = f32x4.splat(0);
    let sum3 = f32x4.splat(0);
    let p = at(x, c);
    let q = at(dy, c);
    for (let r = 0; r < rows; r++, p += step, q += step) {
      sum0 = f32x4.add(sum0, term.lanes(v128.load(p), term.gradient(q, 4), mean0));
      sum1 = f32x4.add(sum1, term.lanes(v128.load(p, 16), term.gradient(q + 16, 4), mean1));
      sum2 = f32x4.add(sum2, term.lanes(v128.load(p, 32), term.gradient(q + 32, 4), mean2));
      sum3 = f32x4.add(sum3, term.lanes(v128.load(p, 48), term.gradient(q + 48, 4), mean3));
    }
    storeSum(at(sums, c), sum0, 4, accumulate);
    storeSum(at(sums, c + 4), sum1, 4, accumulate);
    storeSum(at(sums, c + 8), sum2, 4, accumulate);
    storeSum(at(sums, c + 12), sum3, 4, accumulate);
  }
  for (; c < columns; c += 4) {
    const count = columns - c;
    const means = loadLanes(at(mean, c), count);
    let sum = f32x4.splat(0);
    let p = at(x, c);
    let q = at(dy, c);
    for (let r = 0; r < rows; r++, p += step, q += step) {
      sum = f32x4.add(sum, term.lanes(loadLanes(p, count), term.gradient(q, count), means));
    }
    storeSum(at(sums, c), sum, count, accumulate);
  }
}

function storeSum(p: usize, sum: v128, count: i32, accumulate: bool): void {
  storeLanes(p, accumulate ? f32x4.add(loadLanes(p, count), sum) : sum, count);
}

// Σ term over a contiguous run, 1 <= count <= BLOCK_ROWS. Element j joins chain j mod 16, ascending; chains k, k + 4,
// k + 8 and k + 12 are joined as (k + (k + 4)) + ((k + 8) + (k + 12)), and the four sums left as in sumLanes.
export function sumRun<Term>(x: usize, dy: usize, mean: v128, count: i32): f32 {
  const term = changetype<Term>(0);
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  let sum2 = f32x4.splat(0);
  let sum3 = f32x4.splat(0);
  let i = 0;
  for (; i <= count - 16; i += 16) {
    const p = at(x, i);
    const q = at(dy, i);
    sum0 = f32x4.add(sum0, term.lanes(v128.load(p), term.gradient(q, 4), mean));
    sum1 = f32x4.add(sum1, term.lanes(v128.load(p, 16), term.gradient(q + 16, 4), mean));
    sum2 = f32x4.add(sum2, term.lanes(v128.load(p, 32), term.gradient(q + 32, 4), mean));
    sum3 = f32x4.add(sum3, term.lanes(v128.load(p, 48), term.gradient(q + 48, 4), mean));
  }
  if (i < count) sum0 = f32x4.add(sum0, termAt<Term>(x, dy, mean, i, count));
  if (i + 4 < count) sum1 = f32x4.add(sum1, termAt<Term>(x, dy, mean, i + 4, count));
  if (i + 8 < count) sum2 = f32x4.add(sum2, termAt<Term>(x, dy, mean, i + 8, count));
  if (i + 12 < count) sum3 = f32x4.add(sum3, termAt<Term>(x, dy, mean, i + 12, count));
  return sumLanes(f32x4.add(f32x4.add(sum0, sum1), f32x4.add(sum2, sum3)));
}

// The terms of elements i .. count-1, at most four; 0 in lanes past them.
function termAt<Term>(x: usize, dy: usize, mean: v128, i: i32, count: i32): v128 {
  const term = changetype<Term>(0);
  const rest = count - i;
  const lanes = term.lanes(loadLanes(at(x, i), rest), term.gradient(at(dy, i), rest), mean);
  return v128.and(lanes, firstLanes(rest));
}
