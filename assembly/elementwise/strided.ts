import { at } from "../math/lanes";
import { loadStrided, rowLength, rowOffset, stepOf, storeStrided } from "./view";

// Copies between a contiguous buffer and one walked by strides: transpose, slice, broadcast, pad, concat. view has one
// operand (view.ts); the strided address already includes the offset of element 0. Floats, 4-byte aligned; buffers do not
// overlap. For elements begin <= i < end, numbered row-major over the view's dims; row after row, lanes of 4, then one by one.

// y[i] = x[view(i)]: y contiguous, x by strides.
export function stridedCopy(y: usize, x: usize, view: usize, begin: i32, end: i32): void {
  const length = rowLength(view);
  const step = stepOf(view, 0);
  for (let i = begin; i < end;) {
    const row = i / length;
    const column = i - row * length;
    const count = min<i32>(length - column, end - i);
    copyRow(at(y, i), 1, at(x, rowOffset(view, 0, row) + column * step), step, count);
    i += count;
  }
}

// y[view(i)] = x[i]: x contiguous, y by strides; no two i may meet in one place.
export function stridedStore(y: usize, x: usize, view: usize, begin: i32, end: i32): void {
  const length = rowLength(view);
  const step = stepOf(view, 0);
  for (let i = begin; i < end;) {
    const row = i / length;
    const column = i - row * length;
    const count = min<i32>(length - column, end - i);
    copyRow(at(y, rowOffset(view, 0, row) + column * step), step, at(x, i), 1, count);
    i += count;
  }
}

// y[view(i)] += x[i]: x contiguous, y by strides; no two i may meet in one place.
export function stridedAccumulate(y: usize, x: usize, view: usize, begin: i32, end: i32): void {
  const length = rowLength(view);
  const step = stepOf(view, 0);
  for (let i = begin; i < end;) {
    const row = i / length;
    const column = i - row * length;
    const count = min<i32>(length - column, end - i);
    addRow(at(y, rowOffset(view, 0, row) + column * step), step, at(x, i), count);
    i += count;
  }
}

function copyRow(y: usize, yStep: i32, x: usize, xStep: i32, count: i32): void {
  let i = 0;
  for (; i <= count - 4; i += 4) storeStrided(at(y, i * yStep), loadStrided(at(x, i * xStep), xStep), yStep);
  for (; i < count; i++) store<i32>(at(y, i * yStep), load<i32>(at(x, i * xStep)));
}

function addRow(y: usize, yStep: i32, x: usize, count: i32): void {
  let i = 0;
  for (; i <= count - 4; i += 4) {
    const place = at(y, i * yStep);
    storeStrided(place, f32x4.add(loadStrided(place, yStep), v128.load(at(x, i))), yStep);
  }
  for (; i < count; i++) store<f32>(at(y, i * yStep), load<f32>(at(y, i * yStep)) + load<f32>(at(x, i)));
}
