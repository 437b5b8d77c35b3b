import { checkZip, zip } from "./map";

// Gradients of the activations: dx[i] = dy[i] f'(x[i]), for begin <= i < end, from y or x, whichever the forward pass
// saved. All buffers hold floats and are 4-byte aligned; dx may be dy or the saved buffer, or it overlaps neither. The
// kernels take lanes of 4, then the tail. The range is elements.

@unmanaged
class ReluGrad {
  lanes(dy: v128, y: v128, _: v128): v128 {
    return v128.and(dy, f32x4.gt(y, f32x4.splat(0)));
  }
}

// dx = y > 0 ? dy : 0.
export function reluGrad(dx: usize, dy: usize, y: usize, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) checkZip("reluGrad", dx, dy, y, begin, end);
  zip<ReluGrad>(dx, dy, y, i32x4.splat(0), begin, end);
}

@unmanaged
class LeakyReluGrad {
  lanes(dy: v128, x: v128, slope: v128): v128 {
    return v128.bitselect(dy, f32x4.mul(slope, dy), f32x4.gt(x, f32x4.splat(0)));
  }
}

// dx = x > 0 ? dy : slope dy.
export function leakyReluGrad(dx: usize, dy: usize, x: usize, slope: f32, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) checkZip("leakyReluGrad", dx, dy, x, begin, end);
  zip<LeakyReluGrad>(dx, dy, x, f32x4.splat(slope), begin, end);
}

@unmanaged
class SigmoidGrad {
  lanes(dy: v128, y: v128, _: v128): v128 {
    return f32x4.mul(f32x4.mul(dy, y), f32x4.sub(f32x4.splat(1), y));
  }
}

// dx = dy y (1 - y).
export function sigmoidGrad(dx: usize, dy: usize, y: usize, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) checkZip("sigmoidGrad", dx, dy, y, begin, end);
  zip<SigmoidGrad>(dx, dy, y, i32x4.splat(0), begin, end);
}

@unmanaged
class TanhGrad {
  lanes(dy: v128, y: v128, _: v128): v128 {
    return f32x4.mul(dy, f32x4.sub(f32x4.splat(1), f32x4.mul(y, y)));
  }
}

// dx = dy (1 - y²).
export function tanhGrad(dx: usize, dy: usize, y: usize, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) checkZip("tanhGrad", dx, dy, y, begin, end);
  zip<TanhGrad>(dx, dy, y, i32x4.splat(0), begin, end);
}

@unmanaged
class AbsGrad {
  lanes(dy: v128, x: v128, _: v128): v128 {
    const zero = f32x4.splat(0);
    const one = f32x4.splat(1);
    const sign = f32x4.sub(v128.and(one, f32x4.gt(x, zero)), v128.and(one, f32x4.lt(x, zero)));
    return f32x4.mul(dy, sign);
  }
}

// dx = dy sign(x), 0 where x is 0.
export function absGrad(dx: usize, dy: usize, x: usize, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) checkZip("absGrad", dx, dy, x, begin, end);
  zip<AbsGrad>(dx, dy, x, i32x4.splat(0), begin, end);
}
