import { expLanes } from "../math/exp";
import { logLanes } from "../math/log";
import { sigmoidLanes, softplusLanes } from "../math/sigmoid";
import { tanhLanes } from "../math/tanh";
import { checkMap, map } from "./map";

// y[i] = f(x[i]) for begin <= i < end. y and x hold floats and are 4-byte aligned; y is x, or they do not overlap. The
// kernels take lanes of 4, then the tail through the same lanes. The functions in math/ state errors and sources. The
// range is elements.

@unmanaged
class Exp {
  lanes(x: v128, _: v128): v128 {
    return expLanes(x);
  }
}

// y = e^x, at most 1 ulp.
export function exp(y: usize, x: usize, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) checkMap("exp", y, x, begin, end);
  map<Exp>(y, x, i32x4.splat(0), begin, end);
}

@unmanaged
class Log {
  lanes(x: v128, _: v128): v128 {
    return logLanes(x);
  }
}

// y = ln x, at most 1 ulp.
export function log(y: usize, x: usize, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) checkMap("log", y, x, begin, end);
  map<Log>(y, x, i32x4.splat(0), begin, end);
}

@unmanaged
class Tanh {
  lanes(x: v128, _: v128): v128 {
    return tanhLanes(x);
  }
}

// y = tanh x, at most 2 ulp.
export function tanh(y: usize, x: usize, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) checkMap("tanh", y, x, begin, end);
  map<Tanh>(y, x, i32x4.splat(0), begin, end);
}

@unmanaged
class Sigmoid {
  lanes(x: v128, _: v128): v128 {
    return sigmoidLanes(x);
  }
}

// y = 1 / (1 + e^-x), at most 3 ulp.
export function sigmoid(y: usize, x: usize, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) checkMap("sigmoid", y, x, begin, end);
  map<Sigmoid>(y, x, i32x4.splat(0), begin, end);
}

@unmanaged
class Softplus {
  lanes(x: v128, _: v128): v128 {
    return softplusLanes(x);
  }
}

// y = ln(1 + e^x), at most 2 ulp.
export function softplus(y: usize, x: usize, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) checkMap("softplus", y, x, begin, end);
  map<Softplus>(y, x, i32x4.splat(0), begin, end);
}
