import { checkCall, checkInPlace, checkOutput, UNKNOWN } from "../contract";
import { at, loadLanes, storeLanes } from "../math/lanes";

// The loops of the elementwise kernels. An operation is an unmanaged class with one method, lanes. A type parameter
// names it, so that every kernel is compiled with its own operation inside the loop. Nothing is ever allocated: the
// object is the null address and has no fields.
//
// y[i] = operation(x[i], parameter) for begin <= i < end. y may be x. Takes lanes of 4, then the tail.
export function map<Operation>(y: usize, x: usize, parameter: v128, begin: i32, end: i32): void {
  const operation = changetype<Operation>(0);
  let i = begin;
  for (; i <= end - 4; i += 4) v128.store(at(y, i), operation.lanes(v128.load(at(x, i)), parameter));
  if (i < end) storeLanes(at(y, i), operation.lanes(loadLanes(at(x, i), end - i), parameter), end - i);
}

// y[i] = operation(a[i], b[i], parameter) for begin <= i < end. y may be a or b. Takes lanes of 4, then the tail.
export function zip<Operation>(y: usize, a: usize, b: usize, parameter: v128, begin: i32, end: i32): void {
  const operation = changetype<Operation>(0);
  let i = begin;
  for (; i <= end - 4; i += 4) {
    v128.store(at(y, i), operation.lanes(v128.load(at(a, i)), v128.load(at(b, i)), parameter));
  }
  if (i < end) {
    const rest = end - i;
    storeLanes(at(y, i), operation.lanes(loadLanes(at(a, i), rest), loadLanes(at(b, i), rest), parameter), rest);
  }
}

// Checks a kernel that maps x to y (../contract.ts).
export function checkMap(kernel: string, y: usize, x: usize, begin: i32, end: i32): void {
  checkCall(kernel, begin, end, UNKNOWN);
  checkOutput("y", at(y, begin), end - begin);
  checkInPlace("x", at(x, begin), end - begin);
}

// Checks a kernel that makes y of a and b.
export function checkZip(kernel: string, y: usize, a: usize, b: usize, begin: i32, end: i32): void {
  checkCall(kernel, begin, end, UNKNOWN);
  checkOutput("the result", at(y, begin), end - begin);
  checkInPlace("the first operand", at(a, begin), end - begin);
  checkInPlace("the second operand", at(b, begin), end - begin);
}
