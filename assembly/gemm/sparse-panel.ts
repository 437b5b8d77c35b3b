import { addProduct } from "./lanes";

// sparseTile for one panel alone: the 16 columns that are left beside the tiles of 48. Arguments as in sparse-tile.ts.
export function sparsePanel(
  c: usize,
  entries: usize,
  ends: usize,
  weights: usize,
  rows: i32,
  cRowBytes: usize,
  add: bool,
): void {
  let entry = entries;
  for (let row = 0; row < rows; row++, c += cRowBytes, ends += 4) {
    const last = entries + <usize>load<u32>(ends);
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    for (; entry < last; entry += 8) {
      const x = v128.load32_splat(entry);
      const w = weights + <usize>load<u32>(entry, 4);
      s0 = addProduct(s0, x, v128.load(w));
      s1 = addProduct(s1, x, v128.load(w, 16));
      s2 = addProduct(s2, x, v128.load(w, 32));
      s3 = addProduct(s3, x, v128.load(w, 48));
    }
    if (add) {
      s0 = f32x4.add(v128.load(c), s0);
      s1 = f32x4.add(v128.load(c, 16), s1);
      s2 = f32x4.add(v128.load(c, 32), s2);
      s3 = f32x4.add(v128.load(c, 48), s3);
    }
    v128.store(c, s0);
    v128.store(c, s1, 16);
    v128.store(c, s2, 32);
    v128.store(c, s3, 48);
  }
}
