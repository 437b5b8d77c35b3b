import { at } from "../math/lanes";
import { double, read } from "./lanes";

// The gradient of one axis of F(4, 5): A, which takes the gradients of four outputs to those of eight products. A^T, the points,
// lines and `unit`: see eight-points.ts.

// to = A from: 8 elements from the first `given` of 4, the others 0. The last two, which six-points.ts does without, go to
// `rest`. Writes whole vectors: lanes past `channels` are 0.
export function gradLinesOfEight<Moved>(
  to: usize,
  toStep: usize,
  toNext: usize,
  rest: usize,
  from: usize,
  fromStep: usize,
  fromNext: usize,
  lines: i32,
  given: i32,
  channels: i32,
  unit: f32,
): void {
  const none = f32x4.splat(0);
  const four = f32x4.splat(4 * unit);
  const eight = f32x4.splat(8 * unit);
  const half = f32x4.splat(0.5 * unit);
  for (; lines > 0; lines--, to += toNext, rest += toNext, from += fromNext) {
    for (let c = 0; c < channels; c += 4) {
      let p = at(from, c);
      const g0 = read<Moved>(p, channels);
      const g1 = given > 1 ? read<Moved>((p += fromStep), channels) : none;
      const g2 = given > 2 ? read<Moved>((p += fromStep), channels) : none;
      const g3 = given > 3 ? read<Moved>(p + fromStep, channels) : none;
      const g1Twofold = double(g1);
      const evenOne = f32x4.add(g0, g2);
      const oddOne = f32x4.add(g1, g3);
      const evenTwo = f32x4.add(g0, f32x4.mul(four, g2));
      const oddTwo = f32x4.add(g1Twofold, f32x4.mul(eight, g3));
      const evenHalf = f32x4.add(f32x4.mul(four, g0), g2);
      const oddHalf = f32x4.add(g1Twofold, f32x4.mul(half, g3));
      let q = at(to, c);
      v128.store(q, g0);
      v128.store((q += toStep), g3);
      v128.store((q += toStep), f32x4.add(evenOne, oddOne));
      v128.store((q += toStep), f32x4.sub(evenOne, oddOne));
      v128.store((q += toStep), f32x4.add(evenTwo, oddTwo));
      v128.store(q + toStep, f32x4.sub(evenTwo, oddTwo));
      q = at(rest, c);
      v128.store(q, f32x4.add(evenHalf, oddHalf));
      v128.store(q + toStep, f32x4.sub(evenHalf, oddHalf));
    }
  }
}
