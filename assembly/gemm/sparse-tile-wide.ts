import { at } from "../math/lanes";
import { addProduct } from "./lanes";
import { firstEntry } from "./sparse-rows";
import { PANEL_STRIDE } from "./sparse-tile";
import { prefetch, prefetchAdvance } from "./prefetch";

// sparseTile with the same bits, for wide registers (two neighbouring v128 in one register of 256 bits): 6 sums of 8
// lanes. It does not spill, so it needs no exits, which would cost it a seventh.
export function sparseTileWide(
  c: usize,
  entries: usize,
  ends: usize,
  weights: usize,
  firstRow: i32,
  rows: i32,
  cRowBytes: usize,
  add: bool,
  prefetchAt: usize,
  prefetchStride: usize,
  lastPrefetch: usize,
): void {
  const advance = prefetchAdvance(prefetchStride);
  const zero = f32x4.splat(0);
  let entry = firstEntry(entries, ends, firstRow);
  ends = at(ends, firstRow);
  for (let row = 0; row < rows; row++) {
    const last = entries + <usize>load<u32>(ends);
    if (prefetchAt <= lastPrefetch) {
      prefetch(prefetchAt, prefetchStride);
      prefetchAt += advance;
    }
    let s0 = zero;
    let s1 = zero;
    let s2 = zero;
    let s3 = zero;
    let s4 = zero;
    let s5 = zero;
    let s6 = zero;
    let s7 = zero;
    let s8 = zero;
    let s9 = zero;
    let s10 = zero;
    let s11 = zero;
    for (; entry < last; entry += 8) {
      const x = v128.load32_splat(entry);
      const w = weights + <usize>load<u32>(entry, 4);
      s0 = addProduct(s0, x, v128.load(w));
      s1 = addProduct(s1, x, v128.load(w, 16));
      s2 = addProduct(s2, x, v128.load(w, 32));
      s3 = addProduct(s3, x, v128.load(w, 48));
      s4 = addProduct(s4, x, v128.load(w, PANEL_STRIDE));
      s5 = addProduct(s5, x, v128.load(w, PANEL_STRIDE + 16));
      s6 = addProduct(s6, x, v128.load(w, PANEL_STRIDE + 32));
      s7 = addProduct(s7, x, v128.load(w, PANEL_STRIDE + 48));
      s8 = addProduct(s8, x, v128.load(w, 2 * PANEL_STRIDE));
      s9 = addProduct(s9, x, v128.load(w, 2 * PANEL_STRIDE + 16));
      s10 = addProduct(s10, x, v128.load(w, 2 * PANEL_STRIDE + 32));
      s11 = addProduct(s11, x, v128.load(w, 2 * PANEL_STRIDE + 48));
    }
    if (add) {
      s0 = f32x4.add(v128.load(c), s0);
      s1 = f32x4.add(v128.load(c, 16), s1);
      s2 = f32x4.add(v128.load(c, 32), s2);
      s3 = f32x4.add(v128.load(c, 48), s3);
      s4 = f32x4.add(v128.load(c, 64), s4);
      s5 = f32x4.add(v128.load(c, 80), s5);
      s6 = f32x4.add(v128.load(c, 96), s6);
      s7 = f32x4.add(v128.load(c, 112), s7);
      s8 = f32x4.add(v128.load(c, 128), s8);
      s9 = f32x4.add(v128.load(c, 144), s9);
      s10 = f32x4.add(v128.load(c, 160), s10);
      s11 = f32x4.add(v128.load(c, 176), s11);
    }
    v128.store(c, s0);
    v128.store(c, s1, 16);
    v128.store(c, s2, 32);
    v128.store(c, s3, 48);
    v128.store(c, s4, 64);
    v128.store(c, s5, 80);
    v128.store(c, s6, 96);
    v128.store(c, s7, 112);
    v128.store(c, s8, 128);
    v128.store(c, s9, 144);
    v128.store(c, s10, 160);
    v128.store(c, s11, 176);
    c += cRowBytes;
    ends += 4;
  }
}
