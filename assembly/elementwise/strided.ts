import { checkCall, checkInput, checkOutput } from "../contract";
import { at } from "../math/lanes";
import {
  checkApartPlaces,
  checkView,
  elementsOf,
  highestOf,
  loadStrided,
  lowestOf,
  rowLength,
  rowOffset,
  stepOf,
  storeStrided,
} from "./view";

// Copies between a contiguous buffer and one that a view walks by strides: transpose, slice, broadcast, pad, concat.
// The view has one operand (view.ts); the address of the walked buffer is that of element 0. Both buffers hold floats,
// are 4-byte aligned and do not overlap. Elements are numbered row-major over the view's dims. The kernels go row by
// row, in lanes of 4 and then one by one. The range is elements.

// y[i] = x[view(i)], every bit: y contiguous, x walked.
export function stridedCopy(y: usize, x: usize, view: usize, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) checkGather("stridedCopy", y, x, view, begin, end);
  walkRows<Gather>(y, x, view, begin, end);
}

// y[view(i)] = x[i], every bit: x contiguous, y walked; no two i may meet in one place.
export function stridedStore(y: usize, x: usize, view: usize, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) checkScatter("stridedStore", y, x, view, begin, end);
  walkRows<Scatter>(x, y, view, begin, end);
}

// y[view(i)] += x[i]: x contiguous, y walked; no two i may meet in one place.
export function stridedAccumulate(y: usize, x: usize, view: usize, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) checkScatter("stridedAccumulate", y, x, view, begin, end);
  walkRows<Accumulate>(x, y, view, begin, end);
}

function checkGather(kernel: string, y: usize, x: usize, view: usize, begin: i32, end: i32): void {
  checkCall(kernel, begin, end, elementsOf(view));
  checkView(view);
  checkOutput("y", y, elementsOf(view));
  checkInput("x", at(x, lowestOf(view, 0)), highestOf(view, 0) + 1 - lowestOf(view, 0));
}

function checkScatter(kernel: string, y: usize, x: usize, view: usize, begin: i32, end: i32): void {
  checkCall(kernel, begin, end, elementsOf(view));
  checkView(view);
  checkApartPlaces(view, 0);
  checkOutput("y", at(y, lowestOf(view, 0)), highestOf(view, 0) + 1 - lowestOf(view, 0));
  checkInput("x", x, elementsOf(view));
}

// Calls Operation.row for each row of the view, whole or cut by the range.
function walkRows<Operation>(contiguous: usize, walked: usize, view: usize, begin: i32, end: i32): void {
  const operation = changetype<Operation>(0);
  const length = rowLength(view);
  const step = stepOf(view, 0);
  for (let i = begin; i < end;) {
    const row = i / length;
    const column = i - row * length;
    const count = min<i32>(length - column, end - i);
    operation.row(at(contiguous, i), at(walked, rowOffset(view, 0, row) + column * step), step, count);
    i += count;
  }
}

@unmanaged
class Gather {
  row(y: usize, x: usize, step: i32, count: i32): void {
    let i = 0;
    for (; i <= count - 4; i += 4) v128.store(at(y, i), loadStrided(at(x, i * step), step));
    for (; i < count; i++) store<i32>(at(y, i), load<i32>(at(x, i * step)));
  }
}

@unmanaged
class Scatter {
  row(x: usize, y: usize, step: i32, count: i32): void {
    let i = 0;
    for (; i <= count - 4; i += 4) storeStrided(at(y, i * step), v128.load(at(x, i)), step);
    for (; i < count; i++) store<i32>(at(y, i * step), load<i32>(at(x, i)));
  }
}

@unmanaged
class Accumulate {
  row(x: usize, y: usize, step: i32, count: i32): void {
    let i = 0;
    for (; i <= count - 4; i += 4) {
      const place = at(y, i * step);
      storeStrided(place, f32x4.add(loadStrided(place, step), v128.load(at(x, i))), step);
    }
    for (; i < count; i++) store<f32>(at(y, i * step), load<f32>(at(y, i * step)) + load<f32>(at(x, i)));
  }
}
