// Norms, and what they say about the rounding of a transform (own-terms.ts). A norm is the root of a sum of squares.

// The functions below add this to each root: 2^-52. The squares of smaller numbers may be 0.
const LEAST: f32 = 1.0 / 4503599627370496.0;

// A number on its way through a transform is at most this many times its norms. A spectrum's products reach 1024 times.
const HEADROOM: f32 = 1048576.0;

// A factor larger than what norms, sums and limits lose by their own rounding.
export const SLACK: f32 = 1.02;

// A bound on the norm of numbers whose squares have this sum.
export function rootOf(squares: v128): v128 {
  return f32x4.add(f32x4.sqrt(squares), f32x4.splat(LEAST));
}

export function rootOfSum(squares: f32): f32 {
  return sqrt<f32>(squares) + LEAST;
}

// The square of each lane plus LEAST². It is 0 only where the number is 0, and never less than the exact square.
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

// Limits: `factor` times `norms`. A limit is infinite where the transform, whose numbers reach HEADROOM * norm * norms,
// may have overflown.
export function limitOf(factor: f32, norm: f32, norms: v128): v128 {
  const infinity = f32x4.splat(Infinity);
  const fits = f32x4.lt(f32x4.mul(f32x4.splat(HEADROOM * norm), norms), infinity);
  return v128.bitselect(f32x4.mul(f32x4.splat(factor), norms), infinity, fits);
}

// Whether a transform of numbers with these norms cannot overflow.
export function mayTransform(norm: f32, ofWeights: f32): bool {
  return HEADROOM * norm * ofWeights < Infinity;
}
