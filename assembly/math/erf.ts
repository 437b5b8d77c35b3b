import { expLanes } from "./exp";

// The tail of the normal distribution by the complementary error function, in four lanes:
//
//   Φ(-a) = erfc(a / √2) / 2 = q(a) · e^(-a²/2),   a >= 0
//
// q falls slowly, from 1/2 at 0 towards 1 / (a √2π); the factor e^(-a²/2) alone makes the tail small. The tail
// therefore keeps its relative accuracy, however small it is. Callers pass 0 <= a <= FARTHEST. NaN stays NaN.

// Here and past it, Φ(-a) and a e^(-a²/2) are 0 in float32. Callers clamp a to it.
export const FARTHEST: f32 = 15.0;

// q(a), at most 10 roundings (2^-24) off, relatively. P = (a + 4) q(a) is a polynomial of u = (a - 4) / (a + 4).
// Polynomial: minimax on 0 <= a <= 15 (weighted least squares on Chebyshev nodes, reweighted until even), relative
// error 9e-9.
export function scaledTailLanes(a: v128): v128 {
  const one = f32x4.splat(1);
  const r = f32x4.div(one, f32x4.add(a, f32x4.splat(4)));
  const u = f32x4.sub(one, f32x4.mul(f32x4.splat(8), r));
  let p = f32x4.splat(-1.3419744209386408e-4);
  p = f32x4.add(f32x4.mul(p, u), f32x4.splat(1.7465726705268025e-4));
  p = f32x4.add(f32x4.mul(p, u), f32x4.splat(1.5684082172811031e-3));
  p = f32x4.add(f32x4.mul(p, u), f32x4.splat(-3.510209498926997e-3));
  p = f32x4.add(f32x4.mul(p, u), f32x4.splat(-7.524004206061363e-3));
  p = f32x4.add(f32x4.mul(p, u), f32x4.splat(6.04034885764122e-2));
  p = f32x4.add(f32x4.mul(p, u), f32x4.splat(-0.1865236610174179));
  p = f32x4.add(f32x4.mul(p, u), f32x4.splat(0.38713690638542175));
  p = f32x4.add(f32x4.mul(p, u), f32x4.splat(-0.6078965663909912));
  p = f32x4.add(f32x4.mul(p, u), f32x4.splat(0.7552851438522339));
  return f32x4.mul(p, r);
}

// e^(-a²/2), at most 5 roundings (2^-24) off, relatively, and what underflow costs. A rounding of a² would move the
// result by up to a²/2 roundings. So a = h + l, where h has 12 bits and an exact square: e^(-a²/2) = e^(-h²/2) e^t with
// t = -l (a + h) / 2, -0.06 < t <= 0. e^t is the sum of its series; the first term left out is below 6e-9.
export function gaussianLanes(a: v128): v128 {
  const one = f32x4.splat(1);
  const half = f32x4.splat(-0.5);
  const h = v128.and(a, i32x4.splat(0xfffff000));
  const t = f32x4.mul(f32x4.mul(f32x4.sub(a, h), f32x4.add(a, h)), half);
  let s = f32x4.add(f32x4.mul(t, f32x4.splat(1.0 / 24.0)), f32x4.splat(1.0 / 6.0));
  s = f32x4.add(f32x4.mul(s, t), f32x4.splat(0.5));
  s = f32x4.add(f32x4.mul(s, t), one);
  s = f32x4.add(f32x4.mul(s, t), one);
  return f32x4.mul(expLanes(f32x4.mul(f32x4.mul(h, h), half)), s);
}
