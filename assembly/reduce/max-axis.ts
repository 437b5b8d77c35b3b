import { checkCall, checkInput, checkOutput, checkSize } from "../contract";
import { at, loadLanes, maxLanes, storeLanes } from "../math/lanes";

// y[o, i] = max_k x[o, k, i], or NaN if one of them is NaN. x is [outer, count, inner], y is [outer, inner]. Both hold
// floats, are 4-byte aligned and do not overlap; count >= 1. The order changes nothing: +0 is above -0. The range is
// output elements, o * inner + i.
export function maxAxis(y: usize, x: usize, outer: i32, count: i32, inner: i32, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) {
    checkCall("maxAxis", begin, end, outer * inner);
    checkSize("count", count);
    checkSize("inner", inner);
    checkOutput("y", y, outer * inner);
    checkInput("x", x, outer * count * inner);
  }
  if (inner == 1) {
    for (let o = begin; o < end; o++) store<f32>(at(y, o), maxOfRun(at(x, o * count), count));
    return;
  }
  for (let e = begin; e < end;) {
    const o = e / inner;
    const i = e - o * inner;
    const columns = min<i32>(inner - i, end - e);
    maxOfColumns(at(y, e), at(x, o * count * inner + i), count, inner, columns);
    e += columns;
  }
}

function maxOfRun(x: usize, count: i32): f32 {
  let largest = v128.load32_splat(x);
  let k = 0;
  for (; k <= count - 4; k += 4) largest = f32x4.max(largest, v128.load(at(x, k)));
  for (; k < count; k++) largest = f32x4.max(largest, v128.load32_splat(at(x, k)));
  return maxLanes(largest);
}

function maxOfColumns(y: usize, x: usize, count: i32, stride: i32, columns: i32): void {
  for (let c = 0; c < columns; c += 4) {
    const lanes = columns - c;
    let largest = loadLanes(at(x, c), lanes);
    for (let k = 1; k < count; k++) largest = f32x4.max(largest, loadLanes(at(x, k * stride + c), lanes));
    storeLanes(at(y, c), largest, lanes);
  }
}
