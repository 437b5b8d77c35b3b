import { at } from "../math/lanes";
import { read, write } from "../math/moved";

// One axis of F(4, 2): four outputs of a filter of two taps from five inputs, by the values of polynomials at the
// points a, -a, b, -b and infinity, in this order, with a = 3/8 and b = 5/4. Apart from their rounding to few bits
// these points make the smallest error of all real points: 0, 1, -1, 2 and infinity make it twice as large.
//
//         -a b^2  -b^2      a          1  0          1    1    1    1   0
//          a b^2  -b^2     -a          1  0    A^T = a   -a    b   -b   0
//   B^T = -a^2 b  -a^2      b          1  0          a^2  a^2  b^2  b^2 0
//          a^2 b  -a^2     -b          1  0          a^3 -a^3  b^3 -b^3 1
//          a^2 b^2   0  -(a^2 + b^2)   0  1
//                                              G: filter-points.ts
//
// Rows of B^T may be scaled as long as G makes up for it, so one factor of each row is 1. Points in pairs p, -p share
// their even and their odd part. Every factor is exact in float32.
//
// A line is one axis of a tile, for all channels. Element e of the first line lies at from + e * fromStep (bytes),
// channel after channel, and each further line lies fromNext behind the one before; destinations likewise. What is read
// and what is written do not overlap. Where the channels are no multiple of four, the last four overlap those before;
// fewer than four go lane by lane.
//
// `unit` is 1, but V8 does not know that: it would build a constant anew in every pass of the loop.

export const A: f32 = 0.375;
export const B: f32 = 1.25;

// to = B^T from: 5 elements from 5, the first four at `from`, the last at `rest`.
export function inputLines<Moved>(
  to: usize,
  toStep: usize,
  toNext: usize,
  from: usize,
  rest: usize,
  fromStep: usize,
  fromNext: usize,
  lines: i32,
  channels: i32,
  unit: f32,
): void {
  const a = f32x4.splat(A * unit);
  const b = f32x4.splat(B * unit);
  const aa = f32x4.splat(A * A * unit);
  const bb = f32x4.splat(B * B * unit);
  const aabb = f32x4.splat(A * A * B * B * unit);
  const sum = f32x4.splat((A * A + B * B) * unit);
  for (; lines > 0; lines--, to += toNext, from += fromNext, rest += fromNext) {
    for (let c = 0; ; c = nextFour(c, channels)) {
      let p = at(from, c);
      const d0 = read<Moved>(p, channels);
      const d1 = read<Moved>((p += fromStep), channels);
      const d2 = read<Moved>((p += fromStep), channels);
      const d3 = read<Moved>((p += fromStep), channels);
      const d4 = read<Moved>(at(rest, c), channels);
      const evenA = f32x4.sub(d3, f32x4.mul(bb, d1));
      const oddA = f32x4.mul(a, f32x4.sub(d2, f32x4.mul(bb, d0)));
      const evenB = f32x4.sub(d3, f32x4.mul(aa, d1));
      const oddB = f32x4.mul(b, f32x4.sub(d2, f32x4.mul(aa, d0)));
      const infinity = f32x4.add(f32x4.sub(f32x4.mul(aabb, d0), f32x4.mul(sum, d2)), d4);
      let q = at(to, c);
      write<Moved>(q, f32x4.add(evenA, oddA), channels);
      write<Moved>((q += toStep), f32x4.sub(evenA, oddA), channels);
      write<Moved>((q += toStep), f32x4.add(evenB, oddB), channels);
      write<Moved>((q += toStep), f32x4.sub(evenB, oddB), channels);
      write<Moved>(q + toStep, infinity, channels);
      if (c >= channels - 4) break;
    }
  }
}

// to = A^T from: 4 elements from 5.
export function outputLines<Moved>(
  to: usize,
  toStep: usize,
  toNext: usize,
  from: usize,
  fromStep: usize,
  fromNext: usize,
  lines: i32,
  channels: i32,
  unit: f32,
): void {
  const a = f32x4.splat(A * unit);
  const b = f32x4.splat(B * unit);
  const aa = f32x4.splat(A * A * unit);
  const bb = f32x4.splat(B * B * unit);
  const aaa = f32x4.splat(A * A * A * unit);
  const bbb = f32x4.splat(B * B * B * unit);
  for (; lines > 0; lines--, to += toNext, from += fromNext) {
    for (let c = 0; ; c = nextFour(c, channels)) {
      let p = at(from, c);
      const m0 = read<Moved>(p, channels);
      const m1 = read<Moved>((p += fromStep), channels);
      const m2 = read<Moved>((p += fromStep), channels);
      const m3 = read<Moved>((p += fromStep), channels);
      const m4 = read<Moved>(p + fromStep, channels);
      const evenA = f32x4.add(m0, m1);
      const oddA = f32x4.sub(m0, m1);
      const evenB = f32x4.add(m2, m3);
      const oddB = f32x4.sub(m2, m3);
      let q = at(to, c);
      write<Moved>(q, f32x4.add(evenA, evenB), channels);
      write<Moved>((q += toStep), weighed(a, oddA, b, oddB), channels);
      write<Moved>((q += toStep), weighed(aa, evenA, bb, evenB), channels);
      write<Moved>(q + toStep, f32x4.add(weighed(aaa, oddA, bbb, oddB), m4), channels);
      if (c >= channels - 4) break;
    }
  }
}

// y = A^T from: the first `columns` of 4 elements from 5.
export function pixelLines<Moved>(
  y: usize,
  yStep: usize,
  yNext: usize,
  from: usize,
  fromStep: usize,
  fromNext: usize,
  lines: i32,
  columns: i32,
  channels: i32,
  unit: f32,
): void {
  const a = f32x4.splat(A * unit);
  const b = f32x4.splat(B * unit);
  const aa = f32x4.splat(A * A * unit);
  const bb = f32x4.splat(B * B * unit);
  const aaa = f32x4.splat(A * A * A * unit);
  const bbb = f32x4.splat(B * B * B * unit);
  for (; lines > 0; lines--, y += yNext, from += fromNext) {
    for (let c = 0; ; c = nextFour(c, channels)) {
      let p = at(from, c);
      const m0 = read<Moved>(p, channels);
      const m1 = read<Moved>((p += fromStep), channels);
      const m2 = read<Moved>((p += fromStep), channels);
      const m3 = read<Moved>((p += fromStep), channels);
      const m4 = read<Moved>(p + fromStep, channels);
      const evenA = f32x4.add(m0, m1);
      const oddA = f32x4.sub(m0, m1);
      const evenB = f32x4.add(m2, m3);
      const oddB = f32x4.sub(m2, m3);
      let q = at(y, c);
      write<Moved>(q, f32x4.add(evenA, evenB), channels);
      if (columns > 1) write<Moved>((q += yStep), weighed(a, oddA, b, oddB), channels);
      if (columns > 2) write<Moved>((q += yStep), weighed(aa, evenA, bb, evenB), channels);
      if (columns > 3) write<Moved>(q + yStep, f32x4.add(weighed(aaa, oddA, bbb, oddB), m4), channels);
      if (c >= channels - 4) break;
    }
  }
}

// The channel where the next four begin. The last four overlap those before them where the channels are no multiple of
// four.
function nextFour(c: i32, channels: i32): i32 {
  return min<i32>(c + 4, channels - 4);
}

// v x + w y.
function weighed(v: v128, x: v128, w: v128, y: v128): v128 {
  return f32x4.add(f32x4.mul(v, x), f32x4.mul(w, y));
}
