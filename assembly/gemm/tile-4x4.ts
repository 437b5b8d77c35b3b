import { loadLanes, storeLanes } from "../math/lanes";
import { addProduct } from "./lanes";

// The tile of a last panel with 1 to 4 columns: 4 rows x 4 columns. Arguments and method are those of tile-2x16.ts.
// Eight rows would give eight sums as in the other tiles, but they measured slower, because they need eight pointers
// into A.
export function tile4x4(
  c: usize,
  a: usize,
  panel: usize,
  rows: i32,
  lastLanes: i32,
  k: i32,
  cRowBytes: usize,
  aRowBytes: usize,
  aStepBytes: usize,
  add: bool,
): void {
  const zero = f32x4.splat(0);
  for (let row = 0; row < rows; row += 4) {
    const row1: usize = min(1, rows - 1 - row);
    const row2: usize = min(2, rows - 1 - row);
    const row3: usize = min(3, rows - 1 - row);
    let a0 = a;
    let a1 = a + row1 * aRowBytes;
    let a2 = a + row2 * aRowBytes;
    let a3 = a + row3 * aRowBytes;
    let b = panel;
    let s00 = zero;
    let s10 = zero;
    let s20 = zero;
    let s30 = zero;
    for (let left = k; ; left -= 4) {
      let b0 = v128.load(b);
      s00 = addProduct(s00, v128.load32_splat(a0), b0);
      s10 = addProduct(s10, v128.load32_splat(a1), b0);
      s20 = addProduct(s20, v128.load32_splat(a2), b0);
      s30 = addProduct(s30, v128.load32_splat(a3), b0);
      a0 += aStepBytes;
      a1 += aStepBytes;
      a2 += aStepBytes;
      a3 += aStepBytes;
      if (left == 1) break;

      b0 = v128.load(b, 64);
      s00 = addProduct(s00, v128.load32_splat(a0), b0);
      s10 = addProduct(s10, v128.load32_splat(a1), b0);
      s20 = addProduct(s20, v128.load32_splat(a2), b0);
      s30 = addProduct(s30, v128.load32_splat(a3), b0);
      a0 += aStepBytes;
      a1 += aStepBytes;
      a2 += aStepBytes;
      a3 += aStepBytes;
      if (left == 2) break;

      b0 = v128.load(b, 128);
      s00 = addProduct(s00, v128.load32_splat(a0), b0);
      s10 = addProduct(s10, v128.load32_splat(a1), b0);
      s20 = addProduct(s20, v128.load32_splat(a2), b0);
      s30 = addProduct(s30, v128.load32_splat(a3), b0);
      a0 += aStepBytes;
      a1 += aStepBytes;
      a2 += aStepBytes;
      a3 += aStepBytes;
      if (left == 3) break;

      b0 = v128.load(b, 192);
      s00 = addProduct(s00, v128.load32_splat(a0), b0);
      s10 = addProduct(s10, v128.load32_splat(a1), b0);
      s20 = addProduct(s20, v128.load32_splat(a2), b0);
      s30 = addProduct(s30, v128.load32_splat(a3), b0);
      a0 += aStepBytes;
      a1 += aStepBytes;
      a2 += aStepBytes;
      a3 += aStepBytes;
      if (left == 4) break;
      b += 256;
    }

    const c1 = c + row1 * cRowBytes;
    const c2 = c + row2 * cRowBytes;
    const c3 = c + row3 * cRowBytes;
    if (add) {
      s00 = f32x4.add(loadLanes(c, lastLanes), s00);
      s10 = f32x4.add(loadLanes(c1, lastLanes), s10);
      s20 = f32x4.add(loadLanes(c2, lastLanes), s20);
      s30 = f32x4.add(loadLanes(c3, lastLanes), s30);
    }
    storeLanes(c, s00, lastLanes);
    storeLanes(c1, s10, lastLanes);
    storeLanes(c2, s20, lastLanes);
    storeLanes(c3, s30, lastLanes);
    a += 4 * aRowBytes;
    c += 4 * cRowBytes;
  }
}
