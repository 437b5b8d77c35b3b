import { addProduct } from "./lanes";
import { prefetch, prefetchAdvance } from "./prefetch";

// The main tile: 2 rows x 16 columns, with 8 sums in registers while k runs. The panel's 4 vectors and one value of A
// make that 13 of the 15 registers V8 has on x64; a spilled sum would halve the speed.
//
// The tile makes the block sums of at most 64 steps for `rows` rows of C, each one chain from 0 in ascending k.
//   c, a         the first row; the next rows lie cRowBytes and aRowBytes further, A's next step aStepBytes further
//   panel        [k][16], 1 <= k <= 64
//   add          whether the block sums are added to C; otherwise they replace it
//   prefetchAt, prefetchStride, lastPrefetch   the lines of B that the next call needs (prefetch.ts)
//
// The loop goes through pairs of rows, and within a pair through k, four steps a round. Where one row is left, the pair
// is that row twice: both halves compute and store the same bits, and all loads of C come before the first store. The
// stores go row by row with no branch between them: V8's revectorizer (two v128 in one AVX2 register, Node >= 24 by a
// flag) starts from neighbouring stores.
//
// The exits between the steps do more than end the loop: without them V8 gathers the loads of all four steps and
// spills. load32_splat has no offset because V8 would need a register for each; the pointers advance instead. The steps
// are written out because a round of one step is 1 to 3 % slower (Node 20 and 26; up to 8 % where another thread shares
// the core).
export function tile2x16(
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
  for (let row = 0; row < rows; row += 2) {
    const row1: usize = min(1, rows - 1 - row);
    let a0 = a;
    let a1 = a + row1 * aRowBytes;
    let b = panel;
    let s00 = zero;
    let s01 = zero;
    let s02 = zero;
    let s03 = zero;
    let s10 = zero;
    let s11 = zero;
    let s12 = zero;
    let s13 = zero;
    for (let left = k; ; left -= 4) {
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
      a0 += aStepBytes;
      a1 += aStepBytes;
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
      a0 += aStepBytes;
      a1 += aStepBytes;
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
      a0 += aStepBytes;
      a1 += aStepBytes;
      if (left == 3) break;

      b0 = v128.load(b, 192);
      b1 = v128.load(b, 208);
      b2 = v128.load(b, 224);
      b3 = v128.load(b, 240);
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
      a0 += aStepBytes;
      a1 += aStepBytes;
      if (left == 4) break;
      b += 256;
    }

    if (prefetchAt <= lastPrefetch) {
      prefetch(prefetchAt, prefetchStride);
      prefetchAt += advance;
    }
    const c1 = c + row1 * cRowBytes;
    if (add) {
      s00 = f32x4.add(v128.load(c), s00);
      s01 = f32x4.add(v128.load(c, 16), s01);
      s02 = f32x4.add(v128.load(c, 32), s02);
      s03 = f32x4.add(v128.load(c, 48), s03);
      s10 = f32x4.add(v128.load(c1), s10);
      s11 = f32x4.add(v128.load(c1, 16), s11);
      s12 = f32x4.add(v128.load(c1, 32), s12);
      s13 = f32x4.add(v128.load(c1, 48), s13);
    }
    v128.store(c, s00);
    v128.store(c, s01, 16);
    v128.store(c, s02, 32);
    v128.store(c, s03, 48);
    v128.store(c1, s10);
    v128.store(c1, s11, 16);
    v128.store(c1, s12, 32);
    v128.store(c1, s13, 48);
    a += 2 * aRowBytes;
    c += 2 * cRowBytes;
  }
}
