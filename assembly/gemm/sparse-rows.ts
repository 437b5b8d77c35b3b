import { at } from "../math/lanes";
import { blockSteps } from "./block";

// A matrix A [m, k] without its zeros, block of k after block (block.ts), as sparse products read it:
//
//   entries  [k + 1][m] places of 8 bytes: block after block has m for each of its steps, filled from the first on, row after row in
//            ascending k, with a value and with how far its step's line lies behind the block's first one in a panel (64 bytes a step).
//            A row with an odd number of entries has a 0 more, so that they can be read two at a time
//   ends     [blocks][m] u32, where each row's entries end, in bytes behind its block's first one
//   a        A(i, step) at a + 4 * (i * rowStride + step * stepStride)
//
// All 4-byte aligned; no two overlap. NaN is an entry. Range: blocks.
export function compressRows(
  entries: usize,
  ends: usize,
  a: usize,
  m: i32,
  k: i32,
  rowStride: i32,
  stepStride: i32,
  begin: i32,
  end: i32,
): void {
  const most = blockSteps(k);
  for (let block = begin; block < end; block++) {
    const first = block * most;
    const steps = min(most, k - first);
    const from = at(a, first * stepStride);
    compressBlock(entriesOf(entries, m, first), at(ends, block * m), from, m, steps, rowStride, stepStride);
  }
}

// Where the entries begin of the block whose first step is given.
export function entriesOf(entries: usize, m: i32, firstStep: i32): usize {
  return entries + ((<usize>m * <usize>firstStep) << 3);
}

// Where those of a row of a block begin: behind the row before.
export function firstEntry(entries: usize, ends: usize, row: i32): usize {
  return row == 0 ? entries : entries + <usize>load<u32>(at(ends, row - 1));
}

// An entry is written for every element, and the next one over it where that was 0: no branch that would be mispredicted.
function compressBlock(entries: usize, ends: usize, a: usize, m: i32, steps: i32, rowStride: i32, step: i32): void {
  const stepBytes = (<usize>step) << 2;
  const lines = (<u32>steps) << 6;
  let entry = entries;
  for (let i = 0; i < m; i++) {
    let from = at(a, i * rowStride);
    for (let line: u32 = 0; line < lines; line += 64, from += stepBytes) {
      const value = load<f32>(from);
      store<f32>(entry, value);
      store<u32>(entry, line, 4);
      entry += (<usize>(value != 0)) << 3;
    }
    if (((entry - entries) & 8) != 0) {
      store<u64>(entry, 0);
      entry += 8;
    }
    store<u32>(at(ends, i), <u32>(entry - entries));
  }
}
