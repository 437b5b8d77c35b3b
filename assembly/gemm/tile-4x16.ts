import { addProduct } from "./lanes";
import { tile2x16 } from "./tile-2x16";
import { prefetch, prefetchAdvance } from "./prefetch";

// The main tile of wide registers: 4 rows x 16 columns, 8 sums of 8 lanes. Arguments and method are those of
// tile-2x16.ts, but with three steps a round, written out: one step is 3 to 5 % slower, two are slower, four are no
// faster. The rows that are left beside fours go to the tile of two rows, whose vectors V8 joins as well.
export function tile4x16(
  c: usize,
  a: usize,
  panel: usize,
  rows: i32,
  k: i32,
  cRowBytes: usize,
  aRowBytes: usize,
  aStepBytes: usize,
  add: bool,
  prefetchAt: usize,
  prefetchStride: usize,
  lastPrefetch: usize,
): void {
  const advance = prefetchAdvance(prefetchStride);
  const zero = f32x4.splat(0);
  let row = 0;
  for (; row <= rows - 4; row += 4) {
    let a0 = a;
    let a1 = a + aRowBytes;
    let a2 = a + 2 * aRowBytes;
    let a3 = a + 3 * aRowBytes;
    let b = panel;
    let s00 = zero;
    let s01 = zero;
    let s02 = zero;
    let s03 = zero;
    let s10 = zero;
    let s11 = zero;
    let s12 = zero;
    let s13 = zero;
    let s20 = zero;
    let s21 = zero;
    let s22 = zero;
    let s23 = zero;
    let s30 = zero;
    let s31 = zero;
    let s32 = zero;
    let s33 = zero;
    for (let left = k; ; left -= 3) {
      let b0 = v128.load(b);
      let b1 = v128.load(b, 16);
      let b2 = v128.load(b, 32);
      let b3 = v128.load(b, 48);
      let x = v128.load32_splat(a0);
      s00 = addProduct(s00, x, b0);
      s01 = addProduct(s01, x, b1);
      s02 = addProduct(s02, x, b2);
      s03 = addProduct(s03, x, b3);
      x = v128.load32_splat(a1);
      s10 = addProduct(s10, x, b0);
      s11 = addProduct(s11, x, b1);
      s12 = addProduct(s12, x, b2);
      s13 = addProduct(s13, x, b3);
      x = v128.load32_splat(a2);
      s20 = addProduct(s20, x, b0);
      s21 = addProduct(s21, x, b1);
      s22 = addProduct(s22, x, b2);
      s23 = addProduct(s23, x, b3);
      x = v128.load32_splat(a3);
      s30 = addProduct(s30, x, b0);
      s31 = addProduct(s31, x, b1);
      s32 = addProduct(s32, x, b2);
      s33 = addProduct(s33, x, b3);
      a0 += aStepBytes;
      a1 += aStepBytes;
      a2 += aStepBytes;
      a3 += aStepBytes;
      if (left == 1) break;

      b0 = v128.load(b, 64);
      b1 = v128.load(b, 80);
      b2 = v128.load(b, 96);
      b3 = v128.load(b, 112);
      x = v128.load32_splat(a0);
      s00 = addProduct(s00, x, b0);
      s01 = addProduct(s01, x, b1);
      s02 = addProduct(s02, x, b2);
      s03 = addProduct(s03, x, b3);
      x = v128.load32_splat(a1);
      s10 = addProduct(s10, x, b0);
      s11 = addProduct(s11, x, b1);
      s12 = addProduct(s12, x, b2);
      s13 = addProduct(s13, x, b3);
      x = v128.load32_splat(a2);
      s20 = addProduct(s20, x, b0);
      s21 = addProduct(s21, x, b1);
      s22 = addProduct(s22, x, b2);
      s23 = addProduct(s23, x, b3);
      x = v128.load32_splat(a3);
      s30 = addProduct(s30, x, b0);
      s31 = addProduct(s31, x, b1);
      s32 = addProduct(s32, x, b2);
      s33 = addProduct(s33, x, b3);
      a0 += aStepBytes;
      a1 += aStepBytes;
      a2 += aStepBytes;
      a3 += aStepBytes;
      if (left == 2) break;

      b0 = v128.load(b, 128);
      b1 = v128.load(b, 144);
      b2 = v128.load(b, 160);
      b3 = v128.load(b, 176);
      x = v128.load32_splat(a0);
      s00 = addProduct(s00, x, b0);
      s01 = addProduct(s01, x, b1);
      s02 = addProduct(s02, x, b2);
      s03 = addProduct(s03, x, b3);
      x = v128.load32_splat(a1);
      s10 = addProduct(s10, x, b0);
      s11 = addProduct(s11, x, b1);
      s12 = addProduct(s12, x, b2);
      s13 = addProduct(s13, x, b3);
      x = v128.load32_splat(a2);
      s20 = addProduct(s20, x, b0);
      s21 = addProduct(s21, x, b1);
      s22 = addProduct(s22, x, b2);
      s23 = addProduct(s23, x, b3);
      x = v128.load32_splat(a3);
      s30 = addProduct(s30, x, b0);
      s31 = addProduct(s31, x, b1);
      s32 = addProduct(s32, x, b2);
      s33 = addProduct(s33, x, b3);
      a0 += aStepBytes;
      a1 += aStepBytes;
      a2 += aStepBytes;
      a3 += aStepBytes;
      if (left == 3) break;
      b += 192;
    }

    if (prefetchAt <= lastPrefetch) {
      prefetch(prefetchAt, prefetchStride);
      prefetchAt += advance;
    }
    const c1 = c + cRowBytes;
    const c2 = c + 2 * cRowBytes;
    const c3 = c + 3 * cRowBytes;
    if (add) {
      s00 = f32x4.add(v128.load(c), s00);
      s01 = f32x4.add(v128.load(c, 16), s01);
      s02 = f32x4.add(v128.load(c, 32), s02);
      s03 = f32x4.add(v128.load(c, 48), s03);
      s10 = f32x4.add(v128.load(c1), s10);
      s11 = f32x4.add(v128.load(c1, 16), s11);
      s12 = f32x4.add(v128.load(c1, 32), s12);
      s13 = f32x4.add(v128.load(c1, 48), s13);
      s20 = f32x4.add(v128.load(c2), s20);
      s21 = f32x4.add(v128.load(c2, 16), s21);
      s22 = f32x4.add(v128.load(c2, 32), s22);
      s23 = f32x4.add(v128.load(c2, 48), s23);
      s30 = f32x4.add(v128.load(c3), s30);
      s31 = f32x4.add(v128.load(c3, 16), s31);
      s32 = f32x4.add(v128.load(c3, 32), s32);
      s33 = f32x4.add(v128.load(c3, 48), s33);
    }
    v128.store(c, s00);
    v128.store(c, s01, 16);
    v128.store(c, s02, 32);
    v128.store(c, s03, 48);
    v128.store(c1, s10);
    v128.store(c1, s11, 16);
    v128.store(c1, s12, 32);
    v128.store(c1, s13, 48);
    v128.store(c2, s20);
    v128.store(c2, s21, 16);
    v128.store(c2, s22, 32);
    v128.store(c2, s23, 48);
    v128.store(c3, s30);
    v128.store(c3, s31, 16);
    v128.store(c3, s32, 32);
    v128.store(c3, s33, 48);
    a += 4 * aRowBytes;
    c += 4 * cRowBytes;
  }
  if (row < rows)
    tile2x16(
      c,
      a,
      panel,
      rows - row,
      k,
      cRowBytes,
      aRowBytes,
      aStepBytes,
      add,
      prefetchAt,
      prefetchStride,
      lastPrefetch,
    );
}
