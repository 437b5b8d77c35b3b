import { zip } from "../elementwise/map";
import { sigmoidLanes } from "../math/sigmoid";
import { expLanes } from "../math/exp";
import { log1pLanes } from "../math/log";
import { at, loadLanes, storeLanes } from "../math/lanes";

// Sigmoid cross entropy of logits x and labels t, as TensorFlow's sigmoid_cross_entropy_with_logits computes it,
// which never overflows. All buffers: floats, 4-byte aligned. Lanes of 4, then the tail; no reduction. NaN in, NaN
// out. The range is elements.

// loss = max(x, 0) - x t + ln(1 + e^-|x|). loss may be logits or labels.
export function sigmoidCrossEntropy(loss: usize, logits: usize, labels: usize, begin: i32, end: i32): void {
  zip<CrossEntropy>(loss, logits, labels, f32x4.splat(0), begin, end);
}

@unmanaged
class CrossEntropy {
  lanes(x: v128, t: v128, zero: v128): v128 {
    const linear = f32x4.sub(f32x4.pmax(x, zero), f32x4.mul(x, t));
    return f32x4.add(linear, log1pLanes(expLanes(f32x4.neg(f32x4.abs(x)))));
  }
}

// dLogits = dLoss (sigmoid(x) - t). dLogits may be any input.
export function sigmoidCrossEntropyGrad(
  dLogits: usize,
  dLoss: usize,
  logits: usize,
  labels: usize,
  begin: i32,
  end: i32,
): void {
  for (let i = begin; i < end; i += 4) {
    const count = end - i;
    const error = f32x4.sub(sigmoidLanes(loadLanes(at(logits, i), count)), loadLanes(at(labels, i), count));
    storeLanes(at(dLogits, i), f32x4.mul(loadLanes(at(dLoss, i), count), error), count);
  }
}
