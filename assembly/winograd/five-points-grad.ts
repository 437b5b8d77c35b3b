import { at } from "../math/lanes";
import { read } from "../math/moved";
import { A, B } from "./five-points";

// The gradient of one axis of F(4, 2): A takes the gradients of four outputs to those of five products. five-points.ts
// has A^T, the points, the lines and `unit`.

// to = A from: 5 elements from the first `given` of 4; the others count as 0. Writes whole vectors: lanes past
// `channels` are 0.
export function gradLines<Moved>(
  to: usize,
  toStep: usize,
  toNext: usize,
  from: usize,
  fromStep: usize,
  fromNext: usize,
  lines: i32,
  given: i32,
  channels: i32,
  unit: f32,
): void {
  const none = f32x4.splat(0);
  const a = f32x4.splat(A * unit);
  const b = f32x4.splat(B * unit);
  const aa = f32x4.splat(A * A * unit);
  const bb = f32x4.splat(B * B * unit);
  for (; lines > 0; lines--, to += toNext, from += fromNext) {
    for (let c = 0; c < channels; c += 4) {
      let p = at(from, c);
      const g0 = read<Moved>(p, channels);
      const g1 = given > 1 ? read<Moved>((p += fromStep), channels) : none;
      const g2 = given > 2 ? read<Moved>((p += fromStep), channels) : none;
      const g3 = given > 3 ? read<Moved>(p + fromStep, channels) : none;
      const evenA = f32x4.add(g0, f32x4.mul(aa, g2));
      const oddA = f32x4.mul(a, f32x4.add(g1, f32x4.mul(aa, g3)));
      const evenB = f32x4.add(g0, f32x4.mul(bb, g2));
      const oddB = f32x4.mul(b, f32x4.add(g1, f32x4.mul(bb, g3)));
      let q = at(to, c);
      v128.store(q, f32x4.add(evenA, oddA));
      v128.store((q += toStep), f32x4.sub(evenA, oddA));
      v128.store((q += toStep), f32x4.add(evenB, oddB));
      v128.store((q += toStep), f32x4.sub(evenB, oddB));
      v128.store(q + toStep, g3);
    }
  }
}
