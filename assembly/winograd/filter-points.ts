import { A, B } from "./five-points";

// G takes the two taps of a filter to their values at the points of five-points.ts: scale * (tap0 + p * tap1) at point
// p, and tap1 at infinity. The scales are those of Lagrange's interpolation, which B^T and A^T leave out.
//
//   point     3/8      -3/8      5/4     -5/4     infinity
//   scale  -256/273  256/273  128/455  -128/455
//
// float32 cannot hold these fractions, so the kernels transform filters in float64 and round once at the end.

// The index of the point at infinity.
export const AT_INFINITY: i32 = 4;

export function pointOf(index: i32): f64 {
  const size: f64 = index < 2 ? A : B;
  return index & 1 ? -size : size;
}

export function scaleOf(index: i32): f64 {
  const scale: f64 = index < 2 ? -256.0 / 273.0 : 128.0 / 455.0;
  return index & 1 ? -scale : scale;
}

// The first min(count, 2) floats at p in float64; 0 past them. count >= 1.
export function readPair(p: usize, count: i32): v128 {
  return f64x2.promote_low_f32x4(count == 1 ? v128.load32_zero(p) : v128.load64_zero(p));
}
