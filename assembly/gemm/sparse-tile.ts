import { at } from "../math/lanes";
import { addProduct } from "./lanes";
import { firstEntry } from "./sparse-rows";
import { prefetch, prefetchAdvance } from "./prefetch";

// Columns of C that a sparse product computes together.
export const TILE_COLUMNS: i32 = 48;

// Bytes from one panel of a tile's weights to the next: 64 lines, and one more so that panels do not meet in the cache.
export const PANEL_STRIDE: usize = 65 * 64;

// Floats of a tile's weights: three panels.
export const TILE_FLOATS: i32 = 3 * 65 * 16;

// Multiplies rows of A by 48 columns of one block of k: 12 sums of 4 lanes in registers. Only what is not 0 of A is
// given. The products left out would add 0 or -0 to a sum that is never -0, so the bits are those of the other tiles as
// long as the weights are finite.
//
//   c        the first row's first element; cRowBytes from one row to the next
//   entries, ends   of the block, see sparse-rows.ts; the tile takes `rows` rows from firstRow on
//   weights  [3 panels][steps of the block][16], PANEL_STRIDE bytes from one panel to the next
//   add      whether the sums are added to C; otherwise they are stored and C is not read
//   prefetchAt, prefetchStride, lastPrefetch   the lines that the next tile needs (prefetch.ts)
//
// The loop goes through the rows, and in each row through its entries, two at a time. For each entry it loads 12
// vectors of weights from the first-level cache. The exits, never taken, keep V8 from loading all twelve first and so
// from spilling: without them the tile is half as fast.
export function sparseTile(
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
    while (entry < last) {
      let x = v128.load32_splat(entry);
      let w = weights + <usize>load<u32>(entry, 4);
      s0 = addProduct(s0, x, v128.load(w));
      s1 = addProduct(s1, x, v128.load(w, 16));
      if (w == 1) break;
      s2 = addProduct(s2, x, v128.load(w, 32));
      s3 = addProduct(s3, x, v128.load(w, 48));
      if (w == 2) break;
      s4 = addProduct(s4, x, v128.load(w, PANEL_STRIDE));
      s5 = addProduct(s5, x, v128.load(w, PANEL_STRIDE + 16));
      if (w == 3) break;
      s6 = addProduct(s6, x, v128.load(w, PANEL_STRIDE + 32));
      s7 = addProduct(s7, x, v128.load(w, PANEL_STRIDE + 48));
      if (w == 4) break;
      s8 = addProduct(s8, x, v128.load(w, 2 * PANEL_STRIDE));
      s9 = addProduct(s9, x, v128.load(w, 2 * PANEL_STRIDE + 16));
      if (w == 5) break;
      s10 = addProduct(s10, x, v128.load(w, 2 * PANEL_STRIDE + 32));
      s11 = addProduct(s11, x, v128.load(w, 2 * PANEL_STRIDE + 48));
      if (w == 6) break;

      x = v128.load32_splat(entry, 8);
      w = weights + <usize>load<u32>(entry, 12);
      s0 = addProduct(s0, x, v128.load(w));
      s1 = addProduct(s1, x, v128.load(w, 16));
      if (w == 7) break;
      s2 = addProduct(s2, x, v128.load(w, 32));
      s3 = addProduct(s3, x, v128.load(w, 48));
      if (w == 8) break;
      s4 = addProduct(s4, x, v128.load(w, PANEL_STRIDE));
      s5 = addProduct(s5, x, v128.load(w, PANEL_STRIDE + 16));
      if (w == 9) break;
      s6 = addProduct(s6, x, v128.load(w, PANEL_STRIDE + 32));
      s7 = addProduct(s7, x, v128.load(w, PANEL_STRIDE + 48));
      if (w == 10) break;
      s8 = addProduct(s8, x, v128.load(w, 2 * PANEL_STRIDE));
      s9 = addProduct(s9, x, v128.load(w, 2 * PANEL_STRIDE + 16));
      if (w == 11) break;
      s10 = addProduct(s10, x, v128.load(w, 2 * PANEL_STRIDE + 32));
      s11 = addProduct(s11, x, v128.load(w, 2 * PANEL_STRIDE + 48));
      entry += 16;
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
