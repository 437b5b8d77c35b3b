import { checkMap, map } from "./map";

// y[i] = f(x[i]) for begin <= i < end. y and x hold floats and are 4-byte aligned; y is x, or they do not overlap. The
// kernels take lanes of 4, then the tail. Results are exactly rounded; NaN in, NaN out. The range is elements.

@unmanaged
class Copy {
  lanes(x: v128, _: v128): v128 {
    return x;
  }
}

// y = x, every bit.
export function copy(y: usize, x: usize, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) checkMap("copy", y, x, begin, end);
  map<Copy>(y, x, i32x4.splat(0), begin, end);
}

@unmanaged
class Neg {
  lanes(x: v128, _: v128): v128 {
    return f32x4.neg(x);
  }
}

// y = -x.
export function neg(y: usize, x: usize, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) checkMap("neg", y, x, begin, end);
  map<Neg>(y, x, i32x4.splat(0), begin, end);
}

@unmanaged
class Sqrt {
  lanes(x: v128, _: v128): v128 {
    return f32x4.sqrt(x);
  }
}

// y = √x; NaN below 0.
export function sqrt(y: usize, x: usize, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) checkMap("sqrt", y, x, begin, end);
  map<Sqrt>(y, x, i32x4.splat(0), begin, end);
}

@unmanaged
class Square {
  lanes(x: v128, _: v128): v128 {
    return f32x4.mul(x, x);
  }
}

// y = x².
export function square(y: usize, x: usize, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) checkMap("square", y, x, begin, end);
  map<Square>(y, x, i32x4.splat(0), begin, end);
}

@unmanaged
class Abs {
  lanes(x: v128, _: v128): v128 {
    return f32x4.abs(x);
  }
}

// y = |x|.
export function abs(y: usize, x: usize, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) checkMap("abs", y, x, begin, end);
  map<Abs>(y, x, i32x4.splat(0), begin, end);
}

@unmanaged
class Relu {
  lanes(x: v128, _: v128): v128 {
    // pmax returns its first operand when it is NaN.
    return f32x4.pmax(x, f32x4.splat(0));
  }
}

// y = max(x, 0).
export function relu(y: usize, x: usize, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) checkMap("relu", y, x, begin, end);
  map<Relu>(y, x, i32x4.splat(0), begin, end);
}

@unmanaged
class LeakyRelu {
  lanes(x: v128, slope: v128): v128 {
    return v128.bitselect(x, f32x4.mul(slope, x), f32x4.gt(x, f32x4.splat(0)));
  }
}

// y = x > 0 ? x : slope x.
export function leakyRelu(y: usize, x: usize, slope: f32, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) checkMap("leakyRelu", y, x, begin, end);
  map<LeakyRelu>(y, x, f32x4.splat(slope), begin, end);
}

@unmanaged
class Scale {
  lanes(x: v128, factor: v128): v128 {
    return f32x4.mul(x, factor);
  }
}

// y = factor x.
export function scale(y: usize, x: usize, factor: f32, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) checkMap("scale", y, x, begin, end);
  map<Scale>(y, x, f32x4.splat(factor), begin, end);
}
