import { at } from "../math/lanes";
import { biasLanes, double, nextFour, read, write } from "./lanes";

// One axis of F(2, 5): two outputs of a filter of five taps from six inputs, for the tile at the end of an axis of which two
// outputs or one are left. Its points are the first six of eight-points.ts, with their very values of the filter.
//
//         1   0 -5/4   0   1/4   0          1  0  1  1  1  1
//         0   4    0  -5     0   1    A^T = 0  1  1 -1  2 -2
//   B^T = 0  -3   -3  3/4  3/4   0
//         0   3   -3 -3/4  3/4   0    G: the same rows as those of eight points
//         0 -30  -15  30    15   0
//         0  30  -15 -30    15   0
//
// Row p of B^T has the coefficients of the product of x - q over the other finite points q. G keeps the scales of eight points,
// which reckon with 1/2 and -1/2 as well; so without them a row is multiplied by p^2 - 1/4, and by what eight points scale it:
// -1 at 0, 1 at 1 and -1, 4 at 2 and -2. Every factor is exact in float32.
//
// Lines and `unit`: see eight-points.ts.

// to = B^T from: 6 elements from 6, the first four at `from`, the other two at `rest`.
export function inputLinesOfSix<Moved>(
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
  const quarter = f32x4.splat(0.25 * unit);
  const threeQuarters = f32x4.splat(0.75 * unit);
  const four = f32x4.splat(4 * unit);
  const fifteen = f32x4.splat(15 * unit);
  for (; lines > 0; lines--, to += toNext, from += fromNext, rest += fromNext) {
    for (let c = 0; ; c = nextFour(c, channels)) {
      let p = at(from, c);
      const d0 = read<Moved>(p, channels);
      const d1 = read<Moved>((p += fromStep), channels);
      const d2 = read<Moved>((p += fromStep), channels);
      const d3 = read<Moved>((p += fromStep), channels);
      const d4 = read<Moved>((p = at(rest, c)), channels);
      const d5 = read<Moved>(p + fromStep, channels);
      const even = f32x4.sub(d4, d2);
      const odd = f32x4.sub(d3, d1);
      const zero = f32x4.add(f32x4.sub(d0, d2), f32x4.mul(quarter, even));
      const infinity = f32x4.sub(f32x4.sub(d5, d3), f32x4.mul(four, odd));
      const evenOne = f32x4.mul(threeQuarters, f32x4.sub(d4, f32x4.mul(four, d2)));
      const oddOne = f32x4.mul(threeQuarters, f32x4.sub(d3, f32x4.mul(four, d1)));
      const evenTwo = f32x4.mul(fifteen, even);
      const oddTwo = f32x4.mul(fifteen, double(odd));
      let q = at(to, c);
      write<Moved>(q, zero, channels);
      write<Moved>((q += toStep), infinity, channels);
      write<Moved>((q += toStep), f32x4.add(evenOne, oddOne), channels);
      write<Moved>((q += toStep), f32x4.sub(evenOne, oddOne), channels);
      write<Moved>((q += toStep), f32x4.add(evenTwo, oddTwo), channels);
      write<Moved>(q + toStep, f32x4.sub(evenTwo, oddTwo), channels);
      if (c >= channels - 4) break;
    }
  }
}

// to = A^T from: 2 elements from 6.
export function outputLinesOfSix<Moved>(
  to: usize,
  toStep: usize,
  toNext: usize,
  from: usize,
  fromStep: usize,
  fromNext: usize,
  lines: i32,
  channels: i32,
): void {
  pixelLinesOfSix<Moved>(to, toStep, toNext, from, fromStep, fromNext, 0, lines, 2, channels);
}

// y = A^T from + bias: the first `rows` of 2 elements from 6. No bias where its address is 0.
export function pixelLinesOfSix<Moved>(
  y: usize,
  yStep: usize,
  yNext: usize,
  from: usize,
  fromStep: usize,
  fromNext: usize,
  bias: usize,
  lines: i32,
  rows: i32,
  channels: i32,
): void {
  for (; lines > 0; lines--, y += yNext, from += fromNext) {
    for (let c = 0; ; c = nextFour(c, channels)) {
      const biases = biasLanes<Moved>(bias, c, channels);
      let p = at(from, c);
      const m0 = read<Moved>(p, channels);
      const m1 = read<Moved>((p += fromStep), channels);
      const m2 = read<Moved>((p += fromStep), channels);
      const m3 = read<Moved>((p += fromStep), channels);
      const m4 = read<Moved>((p += fromStep), channels);
      const m5 = read<Moved>(p + fromStep, channels);
      const even = f32x4.add(f32x4.add(m0, f32x4.add(m2, m3)), f32x4.add(m4, m5));
      const odd = f32x4.add(f32x4.add(m1, f32x4.sub(m2, m3)), double(f32x4.sub(m4, m5)));
      const q = at(y, c);
      write<Moved>(q, f32x4.add(even, biases), channels);
      if (rows > 1) write<Moved>(q + yStep, f32x4.add(odd, biases), channels);
      if (c >= channels - 4) break;
    }
  }
}
