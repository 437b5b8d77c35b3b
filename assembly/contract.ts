// What a kernel demands of its arguments. Each kernel states it at its top, within `if (!ASC_NO_ASSERT)`: the debug
// build alone (dist/kernels-debug.wasm) checks it, and of the other builds it is no part. (A constant of our own in
// that condition changes the code that the compiler makes of the kernel.) A broken rule ends the call with an error
// that names the kernel, the argument and the rule.
//
// The checks of a call come in this order: checkCall, the sizes, the outputs, the inputs. A buffer is given as its
// address and its number of floats: the part that this call reads or writes.

// The extent of a range whose end follows from no argument.
export const UNKNOWN: i32 = i32.MAX_VALUE;

// Throws. The host supplies it (src/engine/runtime/contract.ts), and no other build than the debug build imports it.
// `value` and `limit` are the numbers that do not fit together.
declare function broken(kernel: usize, argument: string, rule: string, other: usize, value: usize, limit: usize): void;

// The kernel that runs and the outputs it has named. Names are addresses of strings: a string as a first value would
// put data into every build. The debug build runs on one thread.
let kernel: usize = 0;
let outputs: i32 = 0;
let name0: usize = 0;
let name1: usize = 0;
let name2: usize = 0;
let name3: usize = 0;
let first0: usize = 0;
let first1: usize = 0;
let first2: usize = 0;
let first3: usize = 0;
let end0: usize = 0;
let end1: usize = 0;
let end2: usize = 0;
let end3: usize = 0;

// Begins the checks of a call: 0 <= begin <= end <= extent.
export function checkCall(name: string, begin: i32, end: i32, extent: i32): void {
  kernel = addressOf(name);
  outputs = 0;
  if (begin < 0) broken(kernel, "begin", "is below", addressOf("0"), begin, 0);
  if (begin > end) broken(kernel, "begin", "is past", addressOf("end"), begin, end);
  if (end > extent) broken(kernel, "end", "is past", addressOf("the extent"), end, extent);
}

// size >= 1.
export function checkSize(name: string, size: i32): void {
  checkAtLeast(name, size, 1);
}

// number >= least.
export function checkAtLeast(name: string, number: i32, least: i32): void {
  if (number < least) broken(kernel, name, "is too small", 0, number, least);
}

// number <= most.
export function checkAtMost(name: string, number: i32, most: i32): void {
  if (number > most) broken(kernel, name, "is too large", 0, number, most);
}

// What the call writes. It overlaps no output that was named before.
export function checkOutput(name: string, address: usize, floats: i32): void {
  checkApart(name, address, floats);
  if (outputs == 4) broken(kernel, name, "is one output too many", 0, 5, 4);
  if (outputs == 0) {
    name0 = addressOf(name);
    first0 = address;
    end0 = endOf(address, floats);
  } else if (outputs == 1) {
    name1 = addressOf(name);
    first1 = address;
    end1 = endOf(address, floats);
  } else if (outputs == 2) {
    name2 = addressOf(name);
    first2 = address;
    end2 = endOf(address, floats);
  } else {
    name3 = addressOf(name);
    first3 = address;
    end3 = endOf(address, floats);
  }
  outputs++;
}

// What the call reads. It overlaps no output that was named before.
export function checkInput(name: string, address: usize, floats: i32): void {
  checkApart(name, address, floats);
}

// What the call reads and may overwrite element by element: it is an output or overlaps none.
export function checkInPlace(name: string, address: usize, floats: i32): void {
  checkBuffer(name, address, floats);
  const end = endOf(address, floats);
  if (outputs > 0 && address != first0) apart(name, address, end, name0, first0, end0);
  if (outputs > 1 && address != first1) apart(name, address, end, name1, first1, end1);
  if (outputs > 2 && address != first2) apart(name, address, end, name2, first2, end2);
  if (outputs > 3 && address != first3) apart(name, address, end, name3, first3, end3);
}

function checkApart(name: string, address: usize, floats: i32): void {
  checkBuffer(name, address, floats);
  const end = endOf(address, floats);
  if (outputs > 0) apart(name, address, end, name0, first0, end0);
  if (outputs > 1) apart(name, address, end, name1, first1, end1);
  if (outputs > 2) apart(name, address, end, name2, first2, end2);
  if (outputs > 3) apart(name, address, end, name3, first3, end3);
}

function apart(name: string, first: usize, end: usize, other: usize, otherFirst: usize, otherEnd: usize): void {
  const isEmpty = first == end || otherFirst == otherEnd;
  if (!isEmpty && first < otherEnd && otherFirst < end) broken(kernel, name, "overlaps", other, first, otherFirst);
}

// Every buffer is aligned to 4 bytes and lies within the memory; address 0 is none.
function checkBuffer(name: string, address: usize, floats: i32): void {
  if (floats < 0) broken(kernel, name, "has a negative length", 0, floats, 0);
  if (address & 3) broken(kernel, name, "is not aligned to 4 bytes", 0, address, 4);
  if (floats == 0) return;
  if (address == 0) broken(kernel, name, "is missing", 0, 0, 0);
  const bytes = (<u64>memory.size()) << 16;
  if (<u64>address + ((<u64>floats) << 2) > bytes) {
    broken(kernel, name, "does not lie within", addressOf("the memory"), endOf(address, floats), <usize>bytes);
  }
}

function endOf(address: usize, floats: i32): usize {
  return address + ((<usize>floats) << 2);
}

function addressOf(text: string): usize {
  return changetype<usize>(text);
}
