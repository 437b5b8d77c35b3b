import { expLanes } from "../math/exp";
import { logLanes } from "../math/log";
import { sigmoidLanes, softplusLanes } from "../math/sigmoid";
import { tanhLanes } from "../math/tanh";
import { map } from "./map";

// y[i] = f(x[i]) for begin <= i < end. y, x: floats, 4-byte aligned; y may be x. Lanes of 4, then the tail through the
// same lanes. Errors and sources stand with the functions in math/. The range is elements.

@unmanaged
class Exp {
  lanes(x: v128, _: v128): v128 {
    return expLanes(x);
  }
}

// y = e^x, at most 1 ulp.
export function exp(y: usize, x: usize, begin: i32, end: i32): void {
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
  map<Softplus>(y, x, i32x4.splat(0), begin, end);
}
