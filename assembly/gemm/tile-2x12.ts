import { loadLanes, storeLanes } from "../math/lanes";
import { addProduct } from "./lanes";

// The tile of a last panel with 9 to 12 columns: 2 rows x 12 columns. Arguments and method are those of tile-2x16.ts.
// Three rows would need 14 registers and measured slower. V8 puts two of its three vectors into wide registers; four
// rows are no faster there.
export function tile2x12(
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
  for (let row = 0; row < rows; row += 2) {
    const row1: usize = min(1, rows - 1 - row);
    let a0 = a;
    let a1 = a + row1 * aRowBytes;
    let b = panel;
    let s00 = zero;
    let s01 = zero;
    let s02 = zero;
    let s10 = zero;
    let s11 = zero;
    let s12 = zero;
    for (let left = k; ; left -= 4) {
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
      a0 += aStepBytes;
      a1 += aStepBytes;
      if (left == 1) break;

      b0 = v128.load(b, 64);
      b1 = v128.load(b, 80);
      b2 = v128.load(b, 96);
      x = v128.load32_splat(a0);
      s00 = addProduct(s00, x, b0);
      s01 = addProduct(s01, x, b1);
      s02 = addProduct(s02, x, b2);
      x = v128.load32_splat(a1);
      s10 = addProduct(s10, x, b0);
      s11 = addProduct(s11, x, b1);
      s12 = addProduct(s12, x, b2);
      a0 += aStepBytes;
      a1 += aStepBytes;
      if (left == 2) break;

      b0 = v128.load(b, 128);
      b1 = v128.load(b, 144);
      b2 = v128.load(b, 160);
      x = v128.load32_splat(a0);
      s00 = addProduct(s00, x, b0);
      s01 = addProduct(s01, x, b1);
      s02 = addProduct(s02, x, b2);
      x = v128.load32_splat(a1);
      s10 = addProduct(s10, x, b0);
      s11 = addProduct(s11, x, b1);
      s12 = addProduct(s12, x, b2);
      a0 += aStepBytes;
      a1 += aStepBytes;
      if (left == 3) break;

      b0 = v128.load(b, 192);
      b1 = v128.load(b, 208);
      b2 = v128.load(b, 224);
      x = v128.load32_splat(a0);
      s00 = addProduct(s00, x, b0);
      s01 = addProduct(s01, x, b1);
      s02 = addProduct(s02, x, b2);
      x = v128.load32_splat(a1);
      s10 = addProduct(s10, x, b0);
      s11 = addProduct(s11, x, b1);
      s12 = addProduct(s12, x, b2);
      a0 += aStepBytes;
      a1 += aStepBytes;
      if (left == 4) break;
      b += 256;
    }

    const c1 = c + row1 * cRowBytes;
    if (add) {
      s00 = f32x4.add(v128.load(c), s00);
      s01 = f32x4.add(v128.load(c, 16), s01);
      s02 = f32x4.add(loadLanes(c + 32, lastLanes), s02);
      s10 = f32x4.add(v128.load(c1), s10);
      s11 = f32x4.add(v128.load(c1, 16), s11);
      s12 = f32x4.add(loadLanes(c1 + 32, lastLanes), s12);
    }
    v128.store(c, s00);
    v128.store(c, s01, 16);
    storeLanes(c + 32, s02, lastLanes);
    v128.store(c1, s10);
    v128.store(c1, s11, 16);
    storeLanes(c1 + 32, s12, lastLanes);
    a += 2 * aRowBytes;
    c += 2 * cRowBytes;
  }
}
