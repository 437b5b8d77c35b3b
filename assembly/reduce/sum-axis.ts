import { checkCall, checkInput, checkOutput, checkSize } from "../contract";
import { map } from "../elementwise/map";
import { at } from "../math/lanes";
import { BLOCK_ROWS, sumRows, sumRun, Value } from "./row-sums";

// y[o, i] = (Σ_k x[o, k, i]) / divisor. x is [outer, count, inner], y is [outer, inner]. Both hold floats, are 4-byte
// aligned and do not overlap; count >= 1. The kernel takes blocks of 256 along count and adds the block sums ascending.
// A block is one ascending chain, or, where inner is 1, the sixteen chains of sumRun. A divisor of 1 changes no bit.
// NaN in, NaN out. The range is output elements, o * inner + i.
export function sumAxis(
  y: usize,
  x: usize,
  outer: i32,
  count: i32,
  inner: i32,
  divisor: f32,
  begin: i32,
  end: i32,
): void {
  if (!ASC_NO_ASSERT) {
    checkCall("sumAxis", begin, end, outer * inner);
    checkSize("count", count);
    checkSize("inner", inner);
    checkOutput("y", y, outer * inner);
    checkInput("x", x, outer * count * inner);
  }
  if (inner == 1) {
    for (let o = begin; o < end; o++) store<f32>(at(y, o), sumOfRun(at(x, o * count), count));
  } else {
    sumColumns(y, x, count, inner, begin, end);
  }
  map<Quotient>(y, y, f32x4.splat(divisor), begin, end);
}

function sumOfRun(x: usize, count: i32): f32 {
  let sum = sumRun<Value>(x, 0, min<i32>(count, BLOCK_ROWS));
  for (let k = BLOCK_ROWS; k < count; k += BLOCK_ROWS) {
    sum += sumRun<Value>(at(x, k), 0, min<i32>(count - k, BLOCK_ROWS));
  }
  return sum;
}

// The range may start and end inside a row of y.
function sumColumns(y: usize, x: usize, count: i32, inner: i32, begin: i32, end: i32): void {
  for (let e = begin; e < end;) {
    const o = e / inner;
    const i = e - o * inner;
    const columns = min<i32>(inner - i, end - e);
    for (let k = 0; k < count; k += BLOCK_ROWS) {
      const rows = min<i32>(count - k, BLOCK_ROWS);
      sumRows<Value>(at(y, e), at(x, (o * count + k) * inner + i), rows, inner, columns, k > 0);
    }
    e += columns;
  }
}

@unmanaged
class Quotient {
  lanes(x: v128, divisor: v128): v128 {
    return f32x4.div(x, divisor);
  }
}
