import { checkCall, checkOutput } from "../contract";
import { at } from "../math/lanes";
import { checkOperand, checkView, elementsOf, loadStrided, rowLength, rowOffset, stepOf } from "./view";

// y[i] = f(a[i], b[i]) with broadcasting. Elements are numbered row-major over the view's dims.
//
//   y     contiguous floats
//   a, b  floats, which the kernel reads by the strides of the view's operands 0 and 1
//   view  see view.ts
//
// All buffers are 4-byte aligned. y may be a or b where the view reads that one contiguously; otherwise y overlaps
// neither. The kernel goes row by row, in lanes of 4 and then one by one; there is no reduction. NaN in, NaN out. The
// range is elements.

@unmanaged
class Add {
  lanes(a: v128, b: v128): v128 {
    return f32x4.add(a, b);
  }
}

// y = a + b.
export function add(y: usize, a: usize, b: usize, view: usize, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) checkBinary("add", y, a, b, view, begin, end);
  broadcast<Add>(y, a, b, view, begin, end);
}

@unmanaged
class Sub {
  lanes(a: v128, b: v128): v128 {
    return f32x4.sub(a, b);
  }
}

// y = a - b.
export function sub(y: usize, a: usize, b: usize, view: usize, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) checkBinary("sub", y, a, b, view, begin, end);
  broadcast<Sub>(y, a, b, view, begin, end);
}

@unmanaged
class Mul {
  lanes(a: v128, b: v128): v128 {
    return f32x4.mul(a, b);
  }
}

// y = a b.
export function mul(y: usize, a: usize, b: usize, view: usize, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) checkBinary("mul", y, a, b, view, begin, end);
  broadcast<Mul>(y, a, b, view, begin, end);
}

@unmanaged
class Div {
  lanes(a: v128, b: v128): v128 {
    return f32x4.div(a, b);
  }
}

// y = a / b.
export function div(y: usize, a: usize, b: usize, view: usize, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) checkBinary("div", y, a, b, view, begin, end);
  broadcast<Div>(y, a, b, view, begin, end);
}

@unmanaged
class Maximum {
  lanes(a: v128, b: v128): v128 {
    // max, not the faster pmax: it is NaN if either is.
    return f32x4.max(a, b);
  }
}

// y = max(a, b).
export function maximum(y: usize, a: usize, b: usize, view: usize, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) checkBinary("maximum", y, a, b, view, begin, end);
  broadcast<Maximum>(y, a, b, view, begin, end);
}

@unmanaged
class GreaterEqual {
  lanes(a: v128, b: v128): v128 {
    return v128.and(f32x4.splat(1), f32x4.ge(a, b));
  }
}

// y = a >= b ? 1 : 0.
export function greaterEqual(y: usize, a: usize, b: usize, view: usize, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) checkBinary("greaterEqual", y, a, b, view, begin, end);
  broadcast<GreaterEqual>(y, a, b, view, begin, end);
}

@unmanaged
class Equal {
  lanes(a: v128, b: v128): v128 {
    return v128.and(f32x4.splat(1), f32x4.eq(a, b));
  }
}

// y = a == b ? 1 : 0.
export function equal(y: usize, a: usize, b: usize, view: usize, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) checkBinary("equal", y, a, b, view, begin, end);
  broadcast<Equal>(y, a, b, view, begin, end);
}

function checkBinary(kernel: string, y: usize, a: usize, b: usize, view: usize, begin: i32, end: i32): void {
  checkCall(kernel, begin, end, elementsOf(view));
  checkView(view);
  checkOutput("y", y, elementsOf(view));
  checkOperand("a", a, view, 0);
  checkOperand("b", b, view, 1);
}

function broadcast<Operation>(y: usize, a: usize, b: usize, view: usize, begin: i32, end: i32): void {
  const length = rowLength(view);
  const aStep = stepOf(view, 0);
  const bStep = stepOf(view, 1);
  for (let i = begin; i < end;) {
    const row = i / length;
    const column = i - row * length;
    const count = min<i32>(length - column, end - i);
    const aRow = at(a, rowOffset(view, 0, row) + column * aStep);
    const bRow = at(b, rowOffset(view, 1, row) + column * bStep);
    broadcastRow<Operation>(at(y, i), aRow, aStep, bRow, bStep, count);
    i += count;
  }
}

function broadcastRow<Operation>(y: usize, a: usize, aStep: i32, b: usize, bStep: i32, count: i32): void {
  const operation = changetype<Operation>(0);
  let i = 0;
  for (; i <= count - 4; i += 4) {
    const lanes = operation.lanes(loadStrided(at(a, i * aStep), aStep), loadStrided(at(b, i * bStep), bStep));
    v128.store(at(y, i), lanes);
  }
  for (; i < count; i++) {
    const lanes = operation.lanes(v128.load32_splat(at(a, i * aStep)), v128.load32_splat(at(b, i * bStep)));
    v128.store32_lane(at(y, i), lanes, 0);
  }
}
