// ln x and ln(1 + x) in four lanes, at most 1 ulp from the exact value (ln: 0.83, measured on every third float32).
// Source: logf and log1pf of FreeBSD's msun (fdlibm): its split of ln 2 and its polynomial of s = f / (2 + f).

const LN2_HIGH: f32 = 6.9313812256e-1;
const LN2_LOW: f32 = 9.0580006145e-6;
const SQRT_HALF_BITS: i32 = 0x3f3504f3;
const SMALLEST_NORMAL: f32 = 1.1754943508222875e-38;
const TWO_TO_23: f32 = 8388608.0;

// ln x for every float32: ln 0 = -inf, ln inf = inf, NaN below 0, NaN stays NaN.
export function logLanes(x: v128): v128 {
  // A subnormal is scaled up by 2^23 and its exponent put right below.
  const subnormal = f32x4.lt(x, f32x4.splat(SMALLEST_NORMAL));
  const normal = v128.bitselect(f32x4.mul(x, f32x4.splat(TWO_TO_23)), x, subnormal);
  const scaling = v128.and(subnormal, i32x4.splat(23));
  const exponent = i32x4.sub(exponentOf(normal), scaling);
  const result = logOfReduced(mantissaOf(normal), exponent, f32x4.splat(0));

  const zero = f32x4.splat(0);
  const special = v128.bitselect(f32x4.splat(-Infinity), f32x4.splat(NaN), f32x4.eq(x, zero));
  const positive = v128.bitselect(result, x, f32x4.lt(x, f32x4.splat(Infinity)));
  return v128.bitselect(special, positive, f32x4.le(x, zero));
}

// ln(1 + x) for 0 <= x <= 1; NaN stays NaN.
export function log1pLanes(x: v128): v128 {
  const one = f32x4.splat(1);
  const sum = f32x4.add(one, x);
  // What the rounding of 1 + x lost; both differences are exact, because x <= 1.
  const lost = f32x4.sub(x, f32x4.sub(sum, one));
  return logOfReduced(mantissaOf(sum), exponentOf(sum), f32x4.div(lost, sum));
}

// k of x = 2^k m with sqrt(1/2) <= m < sqrt(2).
function exponentOf(x: v128): v128 {
  return i32x4.shr_s(i32x4.sub(x, i32x4.splat(SQRT_HALF_BITS)), 23);
}

// m of x = 2^k m with sqrt(1/2) <= m < sqrt(2).
function mantissaOf(x: v128): v128 {
  const fraction = v128.and(i32x4.sub(x, i32x4.splat(SQRT_HALF_BITS)), i32x4.splat(0x007fffff));
  return i32x4.add(fraction, i32x4.splat(SQRT_HALF_BITS));
}

// k ln 2 + ln m + correction. With f = m - 1 and s = f / (2 + f): ln m = f - f²/2 + s (f²/2 + R(s²)).
function logOfReduced(mantissa: v128, exponent: v128, correction: v128): v128 {
  const f = f32x4.sub(mantissa, f32x4.splat(1));
  const s = f32x4.div(f, f32x4.add(f32x4.splat(2), f));
  const z = f32x4.mul(s, s);
  const w = f32x4.mul(z, z);
  const odd = f32x4.mul(z, f32x4.add(f32x4.splat(0.66666662693), f32x4.mul(w, f32x4.splat(0.28498786688))));
  const even = f32x4.mul(w, f32x4.add(f32x4.splat(0.40000972152), f32x4.mul(w, f32x4.splat(0.24279078841))));
  const halfSquare = f32x4.mul(f32x4.mul(f32x4.splat(0.5), f), f);
  const k = f32x4.convert_i32x4_s(exponent);
  const low = f32x4.add(f32x4.mul(k, f32x4.splat(LN2_LOW)), correction);
  const inner = f32x4.add(f32x4.mul(s, f32x4.add(halfSquare, f32x4.add(even, odd))), low);
  return f32x4.add(f32x4.add(f32x4.sub(inner, halfSquare), f), f32x4.mul(k, f32x4.splat(LN2_HIGH)));
}
