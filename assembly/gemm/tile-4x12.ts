import { addProduct, loadLanes, storeLanes } from "./lanes";

// The tile of a last panel with 9..12 columns for wide registers: of its three vectors two are joined. Arguments and method as in
// tile-2x16.ts.
export function tile4x12(
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
    let s02 = zero;
    let s10 = zero;
    let s11 = zero;
    let s12 = zero;
    let s20 = zero;
    let s21 = zero;
    let s22 = zero;
    let s30 = zero;
    let s31 = zero;
    let s32 = zero;
    for (let left = k; ; left -= 1) {
      let b0 = v128.load(b);
      let b1 = v128.load(b, 16);
      let b2 = v128.load(b, 32);
      let x = v128.load32_splat(a0);
      s00 = addProduct(s00, x, b0);
      s01 = addProduct(s01, x, b1);
      s02 = addProduct(s02, x, b2);
      x = v128.load32_splat(a1);
      s10 = addProduct(s10, x, b0);
      s11 = addProduct(s11, x, b1);
      s12 = addProduct(s12, x, b2);
      x = v128.load32_splat(a2);
      s20 = addProduct(s20, x, b0);
      s21 = addProduct(s21, x, b1);
      s22 = addProduct(s22, x, b2);
      x = v128.load32_splat(a3);
      s30 = addProduct(s30, x, b0);
      s31 = addProduct(s31, x, b1);
      s32 = addProduct(s32, x, b2);
      a0 += aStepBytes;
      a1 += aStepBytes;
      a2 += aStepBytes;
      a3 += aStepBytes;
      if (left == 1) break;
      b += 64;
    }

    const c1 = c + row1 * cRowBytes;
    const c2 = c + row2 * cRowBytes;
    const c3 = c + row3 * cRowBytes;
    if (add) {
      s00 = f32x4.add(v128.load(c), s00);
      s01 = f32x4.add(v128.load(c, 16), s01);
      s02 = f32x4.add(loadLanes(c + 32, lastLanes), s02);
      s10 = f32x4.add(v128.load(c1), s10);
      s11 = f32x4.add(v128.load(c1, 16), s11);
      s12 = f32x4.add(loadLanes(c1 + 32, lastLanes), s12);
      s20 = f32x4.add(v128.load(c2), s20);
      s21 = f32x4.add(v128.load(c2, 16), s21);
      s22 = f32x4.add(loadLanes(c2 + 32, lastLanes), s22);
      s30 = f32x4.add(v128.load(c3), s30);
      s31 = f32x4.add(v128.load(c3, 16), s31);
      s32 = f32x4.add(loadLanes(c3 + 32, lastLanes), s32);
    }
    v128.store(c, s00);
    v128.store(c, s01, 16);
    storeLanes(c + 32, s02, lastLanes);
    v128.store(c1, s10);
    v128.store(c1, s11, 16);
    storeLanes(c1 + 32, s12, lastLanes);
    v128.store(c2, s20);
    v128.store(c2, s21, 16);
    storeLanes(c2 + 32, s22, lastLanes);
    v128.store(c3, s30);
    v128.store(c3, s31, 16);
    storeLanes(c3 + 32, s32, lastLanes);
    a += 4 * aRowBytes;
    c += 4 * cRowBytes;
  }
}
