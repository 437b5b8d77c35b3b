// Norms, and what they say about a transform's rounding (own-terms.ts). A norm is the root of a sum of squares.

// What roots of sums of squares have beside: 2^-52. Squares of smaller numbers may be 0.
const LEAST: f32 = 1.0 / 4503599627370496.0;

// How many times its norms a number may be on its way through a transform, and more: a spectrum's products reach 1024.
const HEADROOM: f32 = 1048576.0;

// More than what norms, sums and limits lose by their own rounding.
export const SLACK: f32 = 1.02;

// A bound of the norm of numbers whose squares have this sum.
export function rootOf(squares: v128): v128 {
  return f32x4.add(f32x4.sqrt(squares), f32x4.splat(LEAST));
}

export function rootOfSum(squares: f32): f32 {
  return sqrt<f32>(squares) + LEAST;
}

// The square of each lane and a little more, LEAST²: 0 where its number is 0 alone, and never less than the exact square.
export function squareOf(x: v128): v128 {
  return f32x4.add(f32x4.mul(x, x), v128.and(f32x4.splat(LEAST * LEAST), f32x4.ne(x, f32x4.splat(0))));
}

// Σ squareOf(x), as a term of ../reduce/row-sums.ts.
@unmanaged
export class Square {
  lanes(x: v128, _origin: v128): v128 {
    return squareOf(x);
  }
}

// Limits: `factor` times norms that are multiplied with `norm`. Infinite where the transform may have overflown.
export function limitOf(factor: f32, norm: f32, norms: v128): v128 {
  const infinity = f32x4.splat(Infinity);
  const fits = f32x4.lt(f32x4.mul(f32x4.splat(HEADROOM * norm), norms), infinity);
  return v128.bitselect(f32x4.mul(f32x4.splat(factor), norms), infinity, fits);
}

// Whether a transform of numbers with these norms cannot overflow.
export function mayTransform(norm: f32, ofWeights: f32): bool {
  return HEADROOM * norm * ofWeights < Infinity;
}
