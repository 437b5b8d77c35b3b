import { checkCall, checkOutput, UNKNOWN } from "../contract";
import { at } from "../math/lanes";
import { philoxBlock, storeBlock } from "../random/philox";

// y[i] = word i mod 4 of block i div 4, 32 bits. y: words, 4-byte aligned. key, step, attempt, stream:
// ../random/philox.ts. The range is elements.
export function philox(
  y: usize,
  keyLow: i32,
  keyHigh: i32,
  step: i32,
  attempt: i32,
  stream: i32,
  begin: i32,
  end: i32,
): void {
  checkCall("philox", begin, end, UNKNOWN);
  checkOutput("y", at(y, begin), end - begin);
  const key = i32x4(keyLow, 0, keyHigh, 0);
  for (let i = begin & ~3; i < end; i += 4) {
    storeBlock(y, philoxBlock(i32x4(i >> 2, step, attempt, stream), key), i, begin, end);
  }
}
