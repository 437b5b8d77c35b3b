import { loadLanes, storeLanes } from "../math/lanes";
import { addProduct } from "./lanes";

// The tile of a last panel with 5 to 8 columns: 4 rows x 8 columns. Arguments and method are those of tile-2x16.ts, but
// with two steps a round: four are no faster where A is row-major.
export function tile4x8(
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
    let s01 = zero;
    let s10 = zero;
    let s11 = zero;
    let s20 = zero;
    let s21 = zero;
    let s30 = zero;
    let s31 = zero;
    for (let left = k; ; left -= 2) {
      let b0 = v128.load(b);
      let b1 = v128.load(b, 16);
      let x = v128.load32_splat(a0);
      s00 = addProduct(s00, x, b0);
      s01 = addProduct(s01, x, b1);
      x = v128.load32_splat(a1);
      s10 = addProduct(s10, x, b0);
      s11 = addProduct(s11, x, b1);
      x = v128.load32_splat(a2);
      s20 = addProduct(s20, x, b0);
      s21 = addProduct(s21, x, b1);
      x = v128.load32_splat(a3);
      s30 = addProduct(s30, x, b0);
      s31 = addProduct(s31, x, b1);
      a0 += aStepBytes;
      a1 += aStepBytes;
      a2 += aStepBytes;
      a3 += aStepBytes;
      if (left == 1) break;

      b0 = v128.load(b, 64);
      b1 = v128.load(b, 80);
      x = v128.load32_splat(a0);
      s00 = addProduct(s00, x, b0);
      s01 = addProduct(s01, x, b1);
      x = v128.load32_splat(a1);
      s10 = addProduct(s10, x, b0);
      s11 = addProduct(s11, x, b1);
      x = v128.load32_splat(a2);
      s20 = addProduct(s20, x, b0);
      s21 = addProduct(s21, x, b1);
      x = v128.load32_splat(a3);
      s30 = addProduct(s30, x, b0);
      s31 = addProduct(s31, x, b1);
      a0 += aStepBytes;
      a1 += aStepBytes;
      a2 += aStepBytes;
      a3 += aStepBytes;
      if (left == 2) break;
      b += 128;
    }

    const c1 = c + row1 * cRowBytes;
    const c2 = c + row2 * cRowBytes;
    const c3 = c + row3 * cRowBytes;
    if (add) {
      s00 = f32x4.add(v128.load(c), s00);
      s01 = f32x4.add(loadLanes(c + 16, lastLanes), s01);
      s10 = f32x4.add(v128.load(c1), s10);
      s11 = f32x4.add(loadLanes(c1 + 16, lastLanes), s11);
      s20 = f32x4.add(v128.load(c2), s20);
      s21 = f32x4.add(loadLanes(c2 + 16, lastLanes), s21);
      s30 = f32x4.add(v128.load(c3), s30);
      s31 = f32x4.add(loadLanes(c3 + 16, lastLanes), s31);
    }
    v128.store(c, s00);
    storeLanes(c + 16, s01, lastLanes);
    v128.store(c1, s10);
    storeLanes(c1 + 16, s11, lastLanes);
    v128.store(c2, s20);
    storeLanes(c2 + 16, s21, lastLanes);
    v128.store(c3, s30);
    storeLanes(c3 + 16, s31, lastLanes);
    a += 4 * aRowBytes;
    c += 4 * cRowBytes;
  }
}
