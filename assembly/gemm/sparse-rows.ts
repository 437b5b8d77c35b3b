import { checkCall, checkInput, checkOutput, checkSize } from "../contract";
import { at } from "../math/lanes";
import { blocksOf, blockSteps } from "./block";

// Writes a matrix A [m, k] without its zeros, block of k after block (block.ts), as the sparse products read it:
//
//   entries  [k + 1][m] places of 8 bytes. Each block has m places for each of its steps and fills them from the first
//            on, row after row in ascending k. An entry is a value, and how many bytes its step's line lies behind the
//            block's first line in a panel (64 bytes a step). A row with an odd number of entries gets one more, 0, so
//            that the products can read two at a time
//   ends     [blocks][m] u32: where the entries of each row end, in bytes behind the block's first entry
//   a        A(i, step) at a + 4 * (i * rowStride + step * stepStride)
//
// All buffers are 4-byte aligned; no two overlap. NaN is an entry. The range is blocks.
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
  if (!ASC_NO_ASSERT) {
    checkCall("compressRows", begin, end, blocksOf(k));
    checkSize("m", m);
    checkSize("k", k);
    checkSize("rowStride", rowStride);
    checkSize("stepStride", stepStride);
    checkOutput("entries", entries, 2 * (k + 1) * m);
    checkOutput("ends", ends, blocksOf(k) * m);
    checkInput("a", a, (m - 1) * rowStride + (k - 1) * stepStride + 1);
  }
  const most = blockSteps(k);
  for (let block = begin; block < end; block++) {
    const first = block * most;
    const steps = min(most, k - first);
    const from = at(a, first * stepStride);
    compressBlock(entriesOf(entries, m, first), at(ends, block * m), from, m, steps, rowStride, stepStride);
  }
}

// Where the entries of a block begin, given its first step.
export function entriesOf(entries: usize, m: i32, firstStep: i32): usize {
  return entries + ((<usize>m * <usize>firstStep) << 3);
}

// Where the entries of a row of a block begin: behind the row before.
export function firstEntry(entries: usize, ends: usize, row: i32): usize {
  return row == 0 ? entries : entries + <usize>load<u32>(at(ends, row - 1));
}

function compressBlock(entries: usize, ends: usize, a: usize, m: i32, steps: i32, rowStride: i32, step: i32): void {
  let entry = entries;
  for (let i = 0; i < m; i++) {
    const from = at(a, i * rowStride);
    entry = step == 1 ? compressLine(entry, from, steps) : compressColumn(entry, from, steps, (<usize>step) << 2);
    if (((entry - entries) & 8) != 0) {
      store<u64>(entry, 0);
      entry += 8;
    }
    store<u32>(at(ends, i), <u32>(entry - entries));
  }
}

// Writes the entries of a row whose steps lie side by side. Returns where those of the next row begin.
function compressLine(entry: usize, from: usize, steps: i32): usize {
  let lines = i32x4(0, 64, 128, 192);
  let step = 0;
  for (; step <= steps - 4; step += 4, from += 16) {
    entry = appendFour(entry, v128.load(from), lines);
    lines = i32x4.add(lines, i32x4.splat(256));
  }
  return compressRest(entry, from, step, steps, 4);
}

// The same for steps that lie `stepBytes` apart.
function compressColumn(entry: usize, from: usize, steps: i32, stepBytes: usize): usize {
  let lines = i32x4(0, 64, 128, 192);
  let step = 0;
  for (; step <= steps - 4; step += 4) {
    let values = v128.load32_zero(from);
    values = v128.load32_lane(from + stepBytes, values, 1);
    from += 2 * stepBytes;
    values = v128.load32_lane(from, values, 2);
    values = v128.load32_lane(from + stepBytes, values, 3);
    from += 2 * stepBytes;
    entry = appendFour(entry, values, lines);
    lines = i32x4.add(lines, i32x4.splat(256));
  }
  return compressRest(entry, from, step, steps, stepBytes);
}

// Writes the entries of four steps and returns where they end. It writes an entry for every element and lets the next
// one overwrite it where the element was 0, so there is no branch to mispredict. The number of entries before an
// element says where its own goes.
function appendFour(entry: usize, values: v128, lines: v128): usize {
  const isEntry = i32x4.bitmask(f32x4.ne(values, f32x4.splat(0)));
  const low = v128.shuffle<f32>(values, lines, 0, 4, 1, 5);
  const high = v128.shuffle<f32>(values, lines, 2, 6, 3, 7);
  v128.store64_lane(entry, low, 0);
  v128.store64_lane(entry + ((<usize>(isEntry & 1)) << 3), low, 1);
  v128.store64_lane(entry + ((<usize>popcnt(isEntry & 3)) << 3), high, 0);
  v128.store64_lane(entry + ((<usize>popcnt(isEntry & 7)) << 3), high, 1);
  return entry + ((<usize>popcnt(isEntry)) << 3);
}

// The same for the steps that are left beside fours.
function compressRest(entry: usize, from: usize, step: i32, steps: i32, stepBytes: usize): usize {
  for (; step < steps; step++, from += stepBytes) {
    const value = load<f32>(from);
    store<f32>(entry, value);
    store<u32>(entry, step << 6, 4);
    entry += (<usize>(value != 0)) << 3;
  }
  return entry;
}
