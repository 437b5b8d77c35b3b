// What optimizers keep of earlier gradients. |values| below 2^-100 become 0: that is far below what moves a weight, and
// subnormals are slow.
const NEGLIGIBLE: f32 = 7.888609052210118e-31;

// Every bit but the sign, for `magnitude` below: V8 computes f32x4.abs in three operations.
export const MAGNITUDE: i32 = 0x7fffffff;

// decay old + gain sample, 0 where negligible.
export function average(old: v128, sample: v128, decay: v128, gain: v128, magnitude: v128): v128 {
  return withoutNegligible(f32x4.add(f32x4.mul(decay, old), f32x4.mul(gain, sample)), magnitude);
}

// decay old + sample, 0 where negligible.
export function accumulate(old: v128, sample: v128, decay: v128, magnitude: v128): v128 {
  return withoutNegligible(f32x4.add(f32x4.mul(decay, old), sample), magnitude);
}

function withoutNegligible(lanes: v128, magnitude: v128): v128 {
  return v128.andnot(lanes, f32x4.lt(v128.and(lanes, magnitude), f32x4.splat(NEGLIGIBLE)));
}
