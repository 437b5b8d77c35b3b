import { checkInPlace, checkInput, checkSize } from "../contract";
import { at } from "../math/lanes";

// A view walks buffers by strides. Its table holds i32s: [rank, dims[rank], strides[rank], more strides[rank] …], one
// group of strides for each operand. The rank is at least 1; strides are in elements and may be 0 or negative. Elements
// are numbered row-major over dims; a row is the last dimension.

export function rankOf(view: usize): i32 {
  return load<i32>(view);
}

// The length of a row.
export function rowLength(view: usize): i32 {
  return load<i32>(at(view, rankOf(view)));
}

// The stride between the elements of a row in the view's operand 0, 1 …
export function stepOf(view: usize, operand: i32): i32 {
  return load<i32>(at(view, (operand + 2) * rankOf(view)));
}

// Where row number `row` starts in the view's operand, in elements from its base.
export function rowOffset(view: usize, operand: i32, row: i32): i32 {
  const rank = rankOf(view);
  const dims = at(view, 1);
  const strides = at(dims, (operand + 1) * rank);
  let offset = 0;
  for (let d = rank - 2, rest = row; d >= 0 && rest > 0; d--) {
    const dim = load<i32>(at(dims, d));
    const quotient = rest / dim;
    offset += (rest - quotient * dim) * load<i32>(at(strides, d));
    rest = quotient;
  }
  return offset;
}

// Four elements, `step` elements apart.
export function loadStrided(p: usize, step: i32): v128 {
  if (step == 1) return v128.load(p);
  if (step == 0) return v128.load32_splat(p);
  let lanes = v128.load32_zero(p);
  lanes = v128.load32_lane(at(p, step), lanes, 1);
  lanes = v128.load32_lane(at(p, 2 * step), lanes, 2);
  return v128.load32_lane(at(p, 3 * step), lanes, 3);
}

// Stores four elements, `step` elements apart; step is not 0.
export function storeStrided(p: usize, lanes: v128, step: i32): void {
  if (step == 1) {
    v128.store(p, lanes);
    return;
  }
  v128.store32_lane(p, lanes, 0);
  v128.store32_lane(at(p, step), lanes, 1);
  v128.store32_lane(at(p, 2 * step), lanes, 2);
  v128.store32_lane(at(p, 3 * step), lanes, 3);
}

// Checks a view (../contract.ts).
export function checkView(view: usize): void {
  checkSize("rank", rankOf(view));
  for (let d = 0; d < rankOf(view); d++) checkSize("a dimension of the view", dimOf(view, d));
}

// Checks that no two elements of an operand share a place: a stride of 0 would let them.
export function checkApartPlaces(view: usize, operand: i32): void {
  for (let d = 0; d < rankOf(view); d++) {
    if (dimOf(view, d) > 1) checkSize("a stride's magnitude", abs(strideOf(view, operand, d)));
  }
}

// Checks an operand that is read. Where it is read contiguously it may be an output.
export function checkOperand(name: string, p: usize, view: usize, operand: i32): void {
  const lowest = lowestOf(view, operand);
  const floats = highestOf(view, operand) + 1 - lowest;
  if (isContiguous(view, operand)) checkInPlace(name, p, floats);
  else checkInput(name, at(p, lowest), floats);
}

// The number of elements.
export function elementsOf(view: usize): i32 {
  let elements = 1;
  for (let d = 0; d < rankOf(view); d++) elements *= dimOf(view, d);
  return elements;
}

// The lowest and the highest place of an operand, in elements from its base.
export function lowestOf(view: usize, operand: i32): i32 {
  let place = 0;
  for (let d = 0; d < rankOf(view); d++) place += (dimOf(view, d) - 1) * min(strideOf(view, operand, d), 0);
  return place;
}

export function highestOf(view: usize, operand: i32): i32 {
  let place = 0;
  for (let d = 0; d < rankOf(view); d++) place += (dimOf(view, d) - 1) * max(strideOf(view, operand, d), 0);
  return place;
}

function isContiguous(view: usize, operand: i32): bool {
  let step = 1;
  for (let d = rankOf(view) - 1; d >= 0; d--) {
    if (dimOf(view, d) > 1 && strideOf(view, operand, d) != step) return false;
    step *= dimOf(view, d);
  }
  return true;
}

function dimOf(view: usize, d: i32): i32 {
  return load<i32>(at(view, 1 + d));
}

function strideOf(view: usize, operand: i32, d: i32): i32 {
  return load<i32>(at(view, 1 + (operand + 1) * rankOf(view) + d));
}
