import { at, firstLanes, loadLanes, storeLanes, sumLanes } from "../math/lanes";

// The loops of every sum. A type parameter says what is summed: an unmanaged class with one method, lanes, that is
// never allocated, as in elementwise/map.ts.
//
// A long sum is made of blocks of BLOCK_ROWS rows, and the sums of the blocks are added in ascending order. So rounding
// errors grow with BLOCK_ROWS + rows / BLOCK_ROWS, not with rows.
export const BLOCK_ROWS: i32 = 256;

export function blocksOf(rows: i32): i32 {
  return (rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
}

// Σ x.
@unmanaged
export class Value {
  lanes(x: v128, _origin: v128): v128 {
    return x;
  }
}

// Σ (x - origin).
@unmanaged
export class Deviation {
  lanes(x: v128, origin: v128): v128 {
    return f32x4.sub(x, origin);
  }
}

// Σ (x - origin)².
@unmanaged
export class SquaredDeviation {
  lanes(x: v128, origin: v128): v128 {
    const deviation = f32x4.sub(x, origin);
    return f32x4.mul(deviation, deviation);
  }
}

// sums[c] = (accumulate ? sums[c] : 0) + Σ_r term(x[r, c]) for 0 <= c < columns, r < rows; the term has no origin. Rows
// lie `stride` elements apart. Each column is one chain from 0, rows ascending. A group of 16 columns holds four chains
// of vectors, which hides the latency of the addition.
export function sumRows<Term>(sums: usize, x: usize, rows: i32, stride: i32, columns: i32, accumulate: bool): void {
  const term = changetype<Term>(0);
  const zero = f32x4.splat(0);
  const step = stride << 2;
  let c = 0;
  for (; c <= columns - 16; c += 16) {
    let sum0 = f32x4.splat(0);
    let sum1 = f32x4.splat(0);
    let sum2 = f32x4.splat(0);
    let sum3 = f32x4.splat(0);
    let p = at(x, c);
    for (let r = 0; r < rows; r++, p += step) {
      sum0 = f32x4.add(sum0, term.lanes(v128.load(p), zero));
      sum1 = f32x4.add(sum1, term.lanes(v128.load(p, 16), zero));
      sum2 = f32x4.add(sum2, term.lanes(v128.load(p, 32), zero));
      sum3 = f32x4.add(sum3, term.lanes(v128.load(p, 48), zero));
    }
    storeSum(at(sums, c), sum0, 4, accumulate);
    storeSum(at(sums, c + 4), sum1, 4, accumulate);
    storeSum(at(sums, c + 8), sum2, 4, accumulate);
    storeSum(at(sums, c + 12), sum3, 4, accumulate);
  }
  for (; c < columns; c += 4) {
    const count = columns - c;
    let sum = f32x4.splat(0);
    let p = at(x, c);
    for (let r = 0; r < rows; r++, p += step) {
      sum = f32x4.add(sum, term.lanes(loadLanes(p, count), zero));
    }
    storeSum(at(sums, c), sum, count, accumulate);
  }
}

function storeSum(p: usize, sum: v128, count: i32, accumulate: bool): void {
  storeLanes(p, accumulate ? f32x4.add(loadLanes(p, count), sum) : sum, count);
}

// Σ term over a contiguous run, 1 <= count <= BLOCK_ROWS. Element j joins chain j mod 16, ascending. Chains k, k + 4, k
// + 8 and k + 12 join as (k + (k + 4)) + ((k + 8) + (k + 12)), and the four sums that remain join as in sumLanes.
export function sumRun<Term>(x: usize, origin: f32, count: i32): f32 {
  const term = changetype<Term>(0);
  const origins = f32x4.splat(origin);
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  let sum2 = f32x4.splat(0);
  let sum3 = f32x4.splat(0);
  let i = 0;
  for (; i <= count - 16; i += 16) {
    const p = at(x, i);
    sum0 = f32x4.add(sum0, term.lanes(v128.load(p), origins));
    sum1 = f32x4.add(sum1, term.lanes(v128.load(p, 16), origins));
    sum2 = f32x4.add(sum2, term.lanes(v128.load(p, 32), origins));
    sum3 = f32x4.add(sum3, term.lanes(v128.load(p, 48), origins));
  }
  if (i < count) sum0 = f32x4.add(sum0, termAt<Term>(x, origins, i, count));
  if (i + 4 < count) sum1 = f32x4.add(sum1, termAt<Term>(x, origins, i + 4, count));
  if (i + 8 < count) sum2 = f32x4.add(sum2, termAt<Term>(x, origins, i + 8, count));
  if (i + 12 < count) sum3 = f32x4.add(sum3, termAt<Term>(x, origins, i + 12, count));
  return sumLanes(f32x4.add(f32x4.add(sum0, sum1), f32x4.add(sum2, sum3)));
}

// The terms of elements i .. count-1, at most four; 0 in lanes past them.
function termAt<Term>(x: usize, origin: v128, i: i32, count: i32): v128 {
  const term = changetype<Term>(0);
  const rest = count - i;
  const lanes = term.lanes(loadLanes(at(x, i), rest), origin);
  return v128.and(lanes, firstLanes(rest));
}
