// e^x in four lanes, for every float32: at most 0.99 ulp from the exact value (measured on every third
// float32), subnormal results included.
// e^-inf = 0, e^x = inf from x = 88.72284 on, NaN stays NaN.
// Source: expf of Moshier's Cephes (netlib), its polynomial and its split of ln 2.

const LOG2_E: f32 = 1.44269504088896341;
// ln 2 = HIGH + LOW; HIGH has 9 bits, so that n * HIGH is exact for every n met here.
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.12194440054690583e-4;
// Adding 1.5 * 2^23 rounds to the nearest integer and leaves it in the low bits.
const ROUND: f32 = 12582912.0;
const ROUND_BITS: i32 = 0x4b400000;
// Past these the result is inf or 0 already; clamping keeps 2^n in range.
const HIGHEST: f32 = 89.0;
const LOWEST: f32 = -104.0;

// x = n ln 2 + r with |r| <= ln 2 / 2, then e^x = 2^n (1 + r + r² P(r)).
export function expLanes(x: v128): v128 {
  // pmin and pmax return their first operand when it is NaN.
  const bounded = f32x4.pmax(f32x4.pmin(x, f32x4.splat(HIGHEST)), f32x4.splat(LOWEST));
  const shifted = f32x4.add(f32x4.mul(bounded, f32x4.splat(LOG2_E)), f32x4.splat(ROUND));
  const n = f32x4.sub(shifted, f32x4.splat(ROUND));
  const high = f32x4.sub(bounded, f32x4.mul(n, f32x4.splat(LN2_HIGH)));
  const r = f32x4.sub(high, f32x4.mul(n, f32x4.splat(LN2_LOW)));

  let p = f32x4.splat(1.98756915e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  p = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(r, r), p), r), f32x4.splat(1.0));

  // 2^n in two factors, because n runs from -150 to 128: the first product is exact, the second rounds once.
  const exponent = i32x4.sub(shifted, i32x4.splat(ROUND_BITS));
  const half = i32x4.shr_s(exponent, 1);
  return f32x4.mul(f32x4.mul(p, powerOfTwo(half)), powerOfTwo(i32x4.sub(exponent, half)));
}

// 2^n for integer lanes -126 <= n <= 127.
function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}
