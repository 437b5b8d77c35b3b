import { checkCall, checkOutput, UNKNOWN } from "../contract";
import { at } from "../math/lanes";

// y[i] = value for begin <= i < end.
// y holds floats and is 4-byte aligned. The kernel stores lanes of 4, then the tail. The range is elements.
export function fill(y: usize, value: f32, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) {
    checkCall("fill", begin, end, UNKNOWN);
    checkOutput("y", at(y, begin), end - begin);
  }
  const lanes = f32x4.splat(value);
  let i = begin;
  for (; i <= end - 4; i += 4) v128.store(y + ((<usize>i) << 2), lanes);
  for (; i < end; i++) store<f32>(y + ((<usize>i) << 2), value);
}
