import { at } from "../math/lanes";
import { double, read } from "./lanes";

// The gradient of one axis of F(2, 5): A, which takes the gradients of two outputs to those of six products. A^T and the
// points: see six-points.ts; lines: see eight-points.ts.

// to = A from: 6 elements from the first `given` of 2, the other 0. Writes whole vectors: lanes past `channels` are 0.
export function gradLinesOfSix<Moved>(
  to: usize,
  toStep: usize,
  toNext: usize,
  from: usize,
  fromStep: usize,
  fromNext: usize,
  lines: i32,
  given: i32,
  channels: i32,
): void {
  const none = f32x4.splat(0);
  for (; lines > 0; lines--, to += toNext, from += fromNext) {
    for (let c = 0; c < channels; c += 4) {
      const p = at(from, c);
      const g0 = read<Moved>(p, channels);
      const g1 = given > 1 ? read<Moved>(p + fromStep, channels) : none;
      const g1Twofold = double(g1);
      let q = at(to, c);
      v128.store(q, g0);
      v128.store((q += toStep), g1);
      v128.store((q += toStep), f32x4.add(g0, g1));
      v128.store((q += toStep), f32x4.sub(g0, g1));
      v128.store((q += toStep), f32x4.add(g0, g1Twofold));
      v128.store(q + toStep, f32x4.sub(g0, g1Twofold));
    }
  }
}
