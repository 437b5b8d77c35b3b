import { at } from "../math/lanes";
import { biasLanes, double, nextFour, read, write } from "./lanes";

// One axis of F(4, 5): four outputs of a filter of five taps from eight inputs, by the values of polynomials at the points
// 0, infinity, 1, -1, 2, -2, 1/2 and -1/2, in this order: the first six serve shorter tiles alone (six-points.ts). Of all
// choices of real points these make the smallest error.
//
//         1    0 -21/4    0  21/4    0   -1   0          1  0  1  1  1  1  4  4
//         0   -1     0 21/4    0 -21/4    0   1    A^T = 0  0  1 -1  2 -2  2 -2
//         0    1     1 -17/4 -17/4   1    1   0          0  0  1  1  4  4  1  1
//   B^T = 0   -1     1  17/4 -17/4  -1    1   0          0  1  1 -1  8 -8 1/2 -1/2
//         0    2     1  -10   -5     8    4   0
//         0   -2     1   10   -5    -8    4   0    G: filter-points.ts
//         0    4     8   -5  -10     1    2   0
//         0   -4     8    5  -10    -1    2   0
//
// Rows of B^T and columns of A^T may be scaled as long as G makes up for it; these spare additions. Points in pairs p, -p
// share their even and their odd part. Every factor is exact in float32.
//
// Lines are one axis of tiles, for all channels: element e of the first at from + e * fromStep (bytes), channel after channel,
// and each further line fromNext after the one before; so their destinations. What is read and what is written lie apart.
// The last four channels overlap those before where fours do not go up; fewer than four go lane by lane.
//
// `unit` is 1, unknown to V8, which would build a constant anew in every turn of the loop.

// to = B^T from: 8 elements from 8, the first four at `from`, the other four at `rest`.
export function inputLinesOfEight<Moved>(
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
  const four = f32x4.splat(4 * unit);
  const outer = f32x4.splat(5.25 * unit);
  const inner = f32x4.splat(2.25 * unit);
  for (; lines > 0; lines--, to += toNext, from += fromNext, rest += fromNext) {
    for (let c = 0; ; c = nextFour(c, channels)) {
      let p = at(from, c);
      const d0 = read<Moved>(p, channels);
      const d1 = read<Moved>((p += fromStep), channels);
      const d2 = read<Moved>((p += fromStep), channels);
      const d3 = read<Moved>((p += fromStep), channels);
      const d4 = read<Moved>((p = at(rest, c)), channels);
      const d5 = read<Moved>((p += fromStep), channels);
      const d6 = read<Moved>((p += fromStep), channels);
      const d7 = read<Moved>(p + fromStep, channels);
      const low = f32x4.sub(d2, d4);
      const high = f32x4.sub(d6, d4);
      const lowOdd = f32x4.sub(d1, d3);
      const highOdd = f32x4.sub(d5, d3);
      const zero = f32x4.sub(f32x4.sub(d0, d6), f32x4.mul(outer, low));
      const infinity = f32x4.sub(f32x4.sub(d7, d1), f32x4.mul(outer, highOdd));
      const evenOne = f32x4.sub(f32x4.add(low, high), f32x4.mul(inner, d4));
      const oddOne = f32x4.sub(f32x4.add(lowOdd, highOdd), f32x4.mul(inner, d3));
      const evenTwo = f32x4.add(low, f32x4.mul(four, high));
      const oddTwo = double(f32x4.add(lowOdd, f32x4.mul(four, highOdd)));
      const evenHalf = double(f32x4.add(high, f32x4.mul(four, low)));
      const oddHalf = f32x4.add(highOdd, f32x4.mul(four, lowOdd));
      let q = at(to, c);
      write<Moved>(q, zero, channels);
      write<Moved>((q += toStep), infinity, channels);
      write<Moved>((q += toStep), f32x4.add(evenOne, oddOne), channels);
      write<Moved>((q += toStep), f32x4.sub(evenOne, oddOne), channels);
      write<Moved>((q += toStep), f32x4.add(evenTwo, oddTwo), channels);
      write<Moved>((q += toStep), f32x4.sub(evenTwo, oddTwo), channels);
      write<Moved>((q += toStep), f32x4.add(evenHalf, oddHalf), channels);
      write<Moved>(q + toStep, f32x4.sub(evenHalf, oddHalf), channels);
      if (c >= channels - 4) break;
    }
  }
}

// to = A^T from: 4 elements from 8.
export function outputLinesOfEight<Moved>(
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
  const four = f32x4.splat(4 * unit);
  const eight = f32x4.splat(8 * unit);
  const half = f32x4.splat(0.5 * unit);
  for (; lines > 0; lines--, to += toNext, from += fromNext) {
    for (let c = 0; ; c = nextFour(c, channels)) {
      let p = at(from, c);
      const m0 = read<Moved>(p, channels);
      const m1 = read<Moved>((p += fromStep), channels);
      const m2 = read<Moved>((p += fromStep), channels);
      const m3 = read<Moved>((p += fromStep), channels);
      const m4 = read<Moved>((p += fromStep), channels);
      const m5 = read<Moved>((p += fromStep), channels);
      const m6 = read<Moved>((p += fromStep), channels);
      const m7 = read<Moved>(p + fromStep, channels);
      const evenOne = f32x4.add(m2, m3);
      const oddOne = f32x4.sub(m2, m3);
      const evenTwo = f32x4.add(m4, m5);
      const oddTwo = f32x4.sub(m4, m5);
      const evenHalf = f32x4.add(m6, m7);
      const oddHalf = f32x4.sub(m6, m7);
      let q = at(to, c);
      write<Moved>(q, output0(m0, evenOne, evenTwo, evenHalf, four), channels);
      write<Moved>((q += toStep), output1(oddOne, oddTwo, oddHalf), channels);
      write<Moved>((q += toStep), output2(evenOne, evenTwo, evenHalf, four), channels);
      write<Moved>(q + toStep, output3(m1, oddOne, oddTwo, oddHalf, eight, half), channels);
      if (c >= channels - 4) break;
    }
  }
}

// y = A^T from + bias: the first `rows` of 4 elements from 8. No bias where its address is 0.
export function pixelLinesOfEight<Moved>(
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
  unit: f32,
): void {
  const four = f32x4.splat(4 * unit);
  const eight = f32x4.splat(8 * unit);
  const half = f32x4.splat(0.5 * unit);
  for (; lines > 0; lines--, y += yNext, from += fromNext) {
    for (let c = 0; ; c = nextFour(c, channels)) {
      const biases = biasLanes<Moved>(bias, c, channels);
      let p = at(from, c);
      const m0 = read<Moved>(p, channels);
      const m1 = read<Moved>((p += fromStep), channels);
      const m2 = read<Moved>((p += fromStep), channels);
      const m3 = read<Moved>((p += fromStep), channels);
      const m4 = read<Moved>((p += fromStep), channels);
      const m5 = read<Moved>((p += fromStep), channels);
      const m6 = read<Moved>((p += fromStep), channels);
      const m7 = read<Moved>(p + fromStep, channels);
      const evenOne = f32x4.add(m2, m3);
      const oddOne = f32x4.sub(m2, m3);
      const evenTwo = f32x4.add(m4, m5);
      const oddTwo = f32x4.sub(m4, m5);
      const evenHalf = f32x4.add(m6, m7);
      const oddHalf = f32x4.sub(m6, m7);
      let q = at(y, c);
      write<Moved>(q, f32x4.add(output0(m0, evenOne, evenTwo, evenHalf, four), biases), channels);
      if (rows > 1) write<Moved>((q += yStep), f32x4.add(output1(oddOne, oddTwo, oddHalf), biases), channels);
      if (rows > 2) write<Moved>((q += yStep), f32x4.add(output2(evenOne, evenTwo, evenHalf, four), biases), channels);
      if (rows > 3)
        write<Moved>(q + yStep, f32x4.add(output3(m1, oddOne, oddTwo, oddHalf, eight, half), biases), channels);
      if (c >= channels - 4) break;
    }
  }
}

// The rows of A^T, on the sums (even) and differences (odd) of the pairs.
function output0(zero: v128, one: v128, two: v128, half: v128, four: v128): v128 {
  return f32x4.add(f32x4.add(zero, one), f32x4.add(two, f32x4.mul(four, half)));
}

function output1(one: v128, two: v128, half: v128): v128 {
  return f32x4.add(one, double(f32x4.add(two, half)));
}

function output2(one: v128, two: v128, half: v128, four: v128): v128 {
  return f32x4.add(f32x4.add(one, half), f32x4.mul(four, two));
}

function output3(infinity: v128, one: v128, two: v128, half: v128, eight: v128, oneHalf: v128): v128 {
  return f32x4.add(f32x4.add(infinity, one), f32x4.add(f32x4.mul(eight, two), f32x4.mul(oneHalf, half)));
}
