import { FARTHEST, gaussianLanes, scaledTailLanes } from "../math/erf";
import { checkMap, checkZip, map, zip } from "./map";

// gelu(x) = x Φ(x) = x (1 + erf(x / √2)) / 2 and its gradient (Hendrycks & Gimpel 2016). With a = |x| and the tail
// Φ(-a):
//
//   gelu(x)  = x - a Φ(-a)  for x >= 0,  -a Φ(-a)  below
//   gelu'(x) = 1 - s        for x >= 0,  s         below,  with s = Φ(-a) - a φ(a),  φ(a) = e^(-a²/2) / √2π
//
// All buffers hold floats and are 4-byte aligned. y may be x, and dx may be dy or x; otherwise they do not overlap. The
// kernels take lanes of 4, then the tail through the same lanes. NaN stays NaN. The range is elements.

// 1 / √2π.
const DENSITY_AT_0: f32 = 0.3989422804014327;

@unmanaged
class Gelu {
  lanes(x: v128, _: v128): v128 {
    const a = clampedMagnitude(x);
    const tail = f32x4.mul(f32x4.mul(a, scaledTailLanes(a)), gaussianLanes(a));
    return v128.bitselect(f32x4.sub(x, tail), f32x4.neg(tail), isPositive(x));
  }
}

// y = x Φ(x), at most 8 ulp (7.6 measured on every 211th float32): 18 roundings (2^-24) of a Φ(-a), and one of y.
// gelu(0) = 0, gelu(-0) = -0, gelu(inf) = inf, gelu(-inf) = -0.
export function gelu(y: usize, x: usize, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) checkMap("gelu", y, x, begin, end);
  map<Gelu>(y, x, i32x4.splat(0), begin, end);
}

@unmanaged
class GeluGrad {
  lanes(dy: v128, x: v128, _: v128): v128 {
    const a = clampedMagnitude(x);
    const scaled = f32x4.sub(scaledTailLanes(a), f32x4.mul(a, f32x4.splat(DENSITY_AT_0)));
    const s = f32x4.mul(scaled, gaussianLanes(a));
    return f32x4.mul(dy, v128.bitselect(f32x4.sub(f32x4.splat(1), s), s, isPositive(x)));
  }
}

// dx = dy gelu'(x); the error is at most |dy| times 18 roundings of Φ(-a), 10 of a φ(a) and 2 of gelu'(x).
// gelu' is 0 at -inf and 1 at inf.
export function geluGrad(dx: usize, dy: usize, x: usize, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) checkZip("geluGrad", dx, dy, x, begin, end);
  zip<GeluGrad>(dx, dy, x, i32x4.splat(0), begin, end);
}

// pmin returns its first operand when it is NaN.
function clampedMagnitude(x: v128): v128 {
  return f32x4.pmin(f32x4.abs(x), f32x4.splat(FARTHEST));
}

// 0 and -0 are among them: x - a Φ(-a) gives them back as they are.
function isPositive(x: v128): v128 {
  return f32x4.ge(x, f32x4.splat(0));
}
