import { at } from "../math/lanes";

// A view walks a buffer by strides. Its table, i32: [rank, dims[rank], strides[rank], more strides[rank] …], rank >= 1,
// strides in elements, 0 and negative allowed. Elements are numbered row-major over dims; a row is the last dimension.

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
