// G, which takes a filter's taps to its values at the points of eight-points.ts (5 taps) and five-points.ts (2 taps):
// scale * (tap0 + p * tap1 + p^2 * tap2 + ..) at point p, the last tap at infinity. The scales are what is left over: those
// of Lagrange's interpolation, where B^T and A^T leave them out.
//
//   5 taps   point   0  infinity   1    -1     2      -2     1/2   -1/2      2 taps    3/8      -3/8      5/4     -5/4  infinity
//            scale   1           -2/9  -2/9  1/360  1/360   4/45   4/45             -256/273  256/273  128/455  -128/455
//
// float32 cannot hold these fractions, so filters are transformed in float64 and rounded once, at last.

// Which of the points is infinity.
export function infinityOf(taps: i32): i32 {
  return taps == 2 ? 4 : 1;
}

export function pointOf(taps: i32, index: i32): f64 {
  if (index == 0 && taps == 5) return 0;
  const size: f64 = taps == 2 ? (index < 2 ? 0.375 : 1.25) : index < 4 ? 1 : index < 6 ? 2 : 0.5;
  return index & 1 ? -size : size;
}

export function scaleOf(taps: i32, index: i32): f64 {
  if (taps == 2) {
    const scale: f64 = index < 2 ? -256.0 / 273.0 : 128.0 / 455.0;
    return index & 1 ? -scale : scale;
  }
  if (index == 0) return 1;
  return index < 4 ? -2.0 / 9.0 : index < 6 ? 1.0 / 360.0 : 4.0 / 45.0;
}

// The first min(count, 2) floats at p in float64; 0 past them. count >= 1.
export function readPair(p: usize, count: i32): v128 {
  return f64x2.promote_low_f32x4(count == 1 ? v128.load32_zero(p) : v128.load64_zero(p));
}
