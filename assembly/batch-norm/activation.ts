// The activation that follows a batch norm, as a type parameter of its kernels. The gradient of relu needs the sign of
// y = x̂ + beta. It computes y again from x by the same two functions as the forward kernel, so that both see the same
// bits.

// x̂ = (x - mean) rstd.
export function normalized(x: v128, mean: v128, rstd: v128): v128 {
  return f32x4.mul(f32x4.sub(x, mean), rstd);
}

// x̂ + beta.
function shifted(xHat: v128, beta: v128): v128 {
  return f32x4.add(xHat, beta);
}

// Nothing follows.
@unmanaged
export class Identity {
  output(xHat: v128, beta: v128): v128 {
    return shifted(xHat, beta);
  }
  gradient(dy: v128, _xHat: v128, _beta: v128): v128 {
    return dy;
  }
}

// relu follows.
@unmanaged
export class Relu {
  output(xHat: v128, beta: v128): v128 {
    // pmax returns its first operand when it is NaN.
    return f32x4.pmax(shifted(xHat, beta), f32x4.splat(0));
  }
  gradient(dy: v128, xHat: v128, beta: v128): v128 {
    return v128.and(dy, f32x4.gt(shifted(xHat, beta), f32x4.splat(0)));
  }
}
