// sin and cos of 2πu in four lanes, where u is in turns, 0 <= u <= 1. They are at most 1.6 ulp from the exact value
// (measured on every multiple of 2^-24). u - j/4 with j the nearest quarter is exact and at most an eighth, so the
// reduction costs no accuracy. The polynomials are minimax on |r| <= 1/8 (weighted least squares on Chebyshev nodes,
// reweighted until even), with a relative error of 4e-9 for the sine and 7e-11 for the cosine.

const TWO_PI_HIGH: f32 = 6.2831854820251465;
const TWO_PI_LOW: f32 = -1.748455600074497e-7;
// Adding 1.5 * 2^23 rounds to the nearest integer and leaves it in the low bits.
const ROUND: f32 = 12582912.0;

export function sinTurns(u: v128): v128 {
  return sinQuarters(u, i32x4.splat(0));
}

export function cosTurns(u: v128): v128 {
  return sinQuarters(u, i32x4.splat(1));
}

// sin 2π(u + quarters/4), integer quarters per lane: 0 gives the sine of u, 1 the cosine.
export function sinQuarters(u: v128, quarters: v128): v128 {
  const shifted = f32x4.add(f32x4.mul(u, f32x4.splat(4)), f32x4.splat(ROUND));
  const nearest = f32x4.sub(shifted, f32x4.splat(ROUND));
  const r = f32x4.sub(u, f32x4.mul(nearest, f32x4.splat(0.25)));
  const quadrant = i32x4.add(shifted, quarters);

  // An odd quadrant reads the cosine; quadrants 2 and 3 change the sign.
  const odd = i32x4.shr_s(i32x4.shl(quadrant, 31), 31);
  const sign = i32x4.shl(i32x4.shr_u(quadrant, 1), 31);
  return v128.xor(v128.bitselect(cosEighth(r), sinEighth(r), odd), sign);
}

// sin 2πr = r 2π + r (low part of 2π + r² P(r²)), |r| <= 1/8.
function sinEighth(r: v128): v128 {
  const z = f32x4.mul(r, r);
  let p = f32x4.splat(-75.44560241699219);
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(81.59376525878906));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-41.341670989990234));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(TWO_PI_LOW));
  return f32x4.add(f32x4.mul(r, f32x4.splat(TWO_PI_HIGH)), f32x4.mul(r, p));
}

// cos 2πr = 1 + r² P(r²), |r| <= 1/8.
function cosEighth(r: v128): v128 {
  const z = f32x4.mul(r, r);
  let p = f32x4.splat(59.22924041748047);
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-85.4432373046875));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(64.93932342529297));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-19.739208221435547));
  return f32x4.add(f32x4.splat(1), f32x4.mul(z, p));
}
