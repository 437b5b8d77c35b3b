import { at } from "../math/lanes";
import { biasLanes, read, write } from "./lanes";

// One axis of F(4, 2): four outputs of a filter of two taps from five inputs, by the values of polynomials at the points
// a, -a, b, -b and infinity, in this order, a = 3/8 and b = 5/4. Of all choices of real points these, but for their
// rounding to few bits, make the smallest error: 0, 1, -1, 2 and infinity make it twice as large.
//
//         -a b^2  -b^2      a          1  0          1    1    1    1   0
//          a b^2  -b^2     -a          1  0    A^T = a   -a    b   -b   0
//   B^T = -a^2 b  -a^2      b          1  0          a^2  a^2  b^2  b^2 0
//          a^2 b  -a^2     -b          1  0          a^3 -a^3  b^3 -b^3 1
//          a^2 b^2   0  -(a^2 + b^2)   0  1
//                                              G: filter-points.ts
//
// Every factor is exact in float32. Lines and `unit`: see eight-points.ts.

const A: f32 = 0.375;
const B: f32 = 1.25;

// to = B^T from: 5 elements from 5.
export function inputLineOfFive(
  to: usize,
  toStep: usize,
  from: usize,
  fromStep: usize,
  channels: i32,
  unit: f32,
): void {
  const whole = channels & ~3;
  inputsOfFive<v128>(to, toStep, from, fromStep, whole, unit);
  if (whole < channels) inputsOfFive<f32>(at(to, whole), toStep, at(from, whole), fromStep, channels - whole, unit);
}

function inputsOfFive<Moved>(to: usize, toStep: usize, from: usize, fromStep: usize, channels: i32, unit: f32): void {
  const a = f32x4.splat(A * unit);
  const b = f32x4.splat(B * unit);
  const aa = f32x4.splat(A * A * unit);
  const bb = f32x4.splat(B * B * unit);
  const aabb = f32x4.splat(A * A * B * B * unit);
  const sum = f32x4.splat((A * A + B * B) * unit);
  for (; channels > 0; channels -= 4, to += 16, from += 16) {
    let p = from;
    const d0 = read<Moved>(p, channels);
    const d1 = read<Moved>((p += fromStep), channels);
    const d2 = read<Moved>((p += fromStep), channels);
    const d3 = read<Moved>((p += fromStep), channels);
    const d4 = read<Moved>(p + fromStep, channels);
    const evenA = f32x4.sub(d3, f32x4.mul(bb, d1));
    const oddA = f32x4.mul(a, f32x4.sub(d2, f32x4.mul(bb, d0)));
    const evenB = f32x4.sub(d3, f32x4.mul(aa, d1));
    const oddB = f32x4.mul(b, f32x4.sub(d2, f32x4.mul(aa, d0)));
    const infinity = f32x4.add(f32x4.sub(f32x4.mul(aabb, d0), f32x4.mul(sum, d2)), d4);
    let q = to;
    write<Moved>(q, f32x4.add(evenA, oddA), channels);
    write<Moved>((q += toStep), f32x4.sub(evenA, oddA), channels);
    write<Moved>((q += toStep), f32x4.add(evenB, oddB), channels);
    write<Moved>((q += toStep), f32x4.sub(evenB, oddB), channels);
    write<Moved>(q + toStep, infinity, channels);
  }
}

// to = A^T from: 4 elements from 5.
export function outputLineOfFive(
  to: usize,
  toStep: usize,
  from: usize,
  fromStep: usize,
  channels: i32,
  unit: f32,
): void {
  const whole = channels & ~3;
  outputsOfFive<v128>(to, toStep, from, fromStep, whole, unit);
  if (whole < channels) outputsOfFive<f32>(at(to, whole), toStep, at(from, whole), fromStep, channels - whole, unit);
}

function outputsOfFive<Moved>(to: usize, toStep: usize, from: usize, fromStep: usize, channels: i32, unit: f32): void {
  const a = f32x4.splat(A * unit);
  const b = f32x4.splat(B * unit);
  const aa = f32x4.splat(A * A * unit);
  const bb = f32x4.splat(B * B * unit);
  const aaa = f32x4.splat(A * A * A * unit);
  const bbb = f32x4.splat(B * B * B * unit);
  for (; channels > 0; channels -= 4, to += 16, from += 16) {
    let p = from;
    const m0 = read<Moved>(p, channels);
    const m1 = read<Moved>((p += fromStep), channels);
    const m2 = read<Moved>((p += fromStep), channels);
    const m3 = read<Moved>((p += fromStep), channels);
    const m4 = read<Moved>(p + fromStep, channels);
    const evenA = f32x4.add(m0, m1);
    const oddA = f32x4.sub(m0, m1);
    const evenB = f32x4.add(m2, m3);
    const oddB = f32x4.sub(m2, m3);
    let q = to;
    write<Moved>(q, f32x4.add(evenA, evenB), channels);
    write<Moved>((q += toStep), weighed(a, oddA, b, oddB), channels);
    write<Moved>((q += toStep), weighed(aa, evenA, bb, evenB), channels);
    write<Moved>(q + toStep, f32x4.add(weighed(aaa, oddA, bbb, oddB), m4), channels);
  }
}

// y = A^T from + bias: the first `columns` of 4 elements from 5. No bias where its address is 0.
export function pixelLineOfFive(
  y: usize,
  yStep: usize,
  from: usize,
  fromStep: usize,
  bias: usize,
  columns: i32,
  channels: i32,
  unit: f32,
): void {
  const whole = channels & ~3;
  pixelsOfFive<v128>(y, yStep, from, fromStep, bias, columns, whole, unit);
  if (whole == channels) return;
  const rest = bias ? at(bias, whole) : 0;
  pixelsOfFive<f32>(at(y, whole), yStep, at(from, whole), fromStep, rest, columns, channels - whole, unit);
}

function pixelsOfFive<Moved>(
  y: usize,
  yStep: usize,
  from: usize,
  fromStep: usize,
  bias: usize,
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
  for (let c = 0; c < channels; c += 4, y += 16, from += 16) {
    const count = channels - c;
    const biases = biasLanes<Moved>(bias, c, count);
    let p = from;
    const m0 = read<Moved>(p, count);
    const m1 = read<Moved>((p += fromStep), count);
    const m2 = read<Moved>((p += fromStep), count);
    const m3 = read<Moved>((p += fromStep), count);
    const m4 = read<Moved>(p + fromStep, count);
    const evenA = f32x4.add(m0, m1);
    const oddA = f32x4.sub(m0, m1);
    const evenB = f32x4.add(m2, m3);
    const oddB = f32x4.sub(m2, m3);
    let q = y;
    write<Moved>(q, f32x4.add(f32x4.add(evenA, evenB), biases), count);
    if (columns == 1) continue;
    write<Moved>((q += yStep), f32x4.add(weighed(a, oddA, b, oddB), biases), count);
    if (columns == 2) continue;
    write<Moved>((q += yStep), f32x4.add(weighed(aa, evenA, bb, evenB), biases), count);
    if (columns == 3) continue;
    write<Moved>(q + yStep, f32x4.add(f32x4.add(weighed(aaa, oddA, bbb, oddB), m4), biases), count);
  }
}

// v x + w y.
function weighed(v: v128, x: v128, w: v128, y: v128): v128 {
  return f32x4.add(f32x4.mul(v, x), f32x4.mul(w, y));
}

// to = A from: 5 elements from the first `given` of 4, the others 0. Writes whole vectors: lanes past `channels` are 0.
export function gradLineOfFive(
  to: usize,
  toStep: usize,
  from: usize,
  fromStep: usize,
  given: i32,
  channels: i32,
  unit: f32,
): void {
  const whole = channels & ~3;
  gradsOfFive<v128>(to, toStep, from, fromStep, given, whole, unit);
  if (whole < channels)
    gradsOfFive<f32>(at(to, whole), toStep, at(from, whole), fromStep, given, channels - whole, unit);
}

function gradsOfFive<Moved>(
  to: usize,
  toStep: usize,
  from: usize,
  fromStep: usize,
  given: i32,
  channels: i32,
  unit: f32,
): void {
  const none = f32x4.splat(0);
  const a = f32x4.splat(A * unit);
  const b = f32x4.splat(B * unit);
  const aa = f32x4.splat(A * A * unit);
  const bb = f32x4.splat(B * B * unit);
  for (; channels > 0; channels -= 4, to += 16, from += 16) {
    let p = from;
    const g0 = read<Moved>(p, channels);
    const g1 = given > 1 ? read<Moved>((p += fromStep), channels) : none;
    const g2 = given > 2 ? read<Moved>((p += fromStep), channels) : none;
    const g3 = given > 3 ? read<Moved>(p + fromStep, channels) : none;
    const evenA = f32x4.add(g0, f32x4.mul(aa, g2));
    const oddA = f32x4.mul(a, f32x4.add(g1, f32x4.mul(aa, g3)));
    const evenB = f32x4.add(g0, f32x4.mul(bb, g2));
    const oddB = f32x4.mul(b, f32x4.add(g1, f32x4.mul(bb, g3)));
    let q = to;
    v128.store(q, f32x4.add(evenA, oddA));
    v128.store((q += toStep), f32x4.sub(evenA, oddA));
    v128.store((q += toStep), f32x4.add(evenB, oddB));
    v128.store((q += toStep), f32x4.sub(evenB, oddB));
    v128.store(q + toStep, g3);
  }
}
