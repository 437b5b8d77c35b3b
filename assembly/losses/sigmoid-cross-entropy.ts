import { checkCall, checkInPlace, checkOutput, UNKNOWN } from "../contract";
import { checkZip, zip } from "../elementwise/map";
import { expLanes } from "../math/exp";
import { at, loadLanes, storeLanes } from "../math/lanes";
import { log1pLanes } from "../math/log";
import { sigmoidLanes } from "../math/sigmoid";

// Sigmoid cross entropy of logits x and labels t, as TensorFlow's sigmoid_cross_entropy_with_logits computes it: it
// never overflows. All buffers hold floats and are 4-byte aligned. The result is one of the operands, or it does not
// overlap it. The kernels take lanes of 4, then the tail; there is no reduction. NaN in, NaN out. The range is
// elements.

// loss = max(x, 0) - x t + ln(1 + e^-|x|). loss may be logits or labels.
export function sigmoidCrossEntropy(loss: usize, logits: usize, labels: usize, begin: i32, end: i32): void {
  if (!ASC_NO_ASSERT) checkZip("sigmoidCrossEntropy", loss, logits, labels, begin, end);
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
  if (!ASC_NO_ASSERT) {
    checkCall("sigmoidCrossEntropyGrad", begin, end, UNKNOWN);
    checkOutput("dLogits", at(dLogits, begin), end - begin);
    checkInPlace("dLoss", at(dLoss, begin), end - begin);
    checkInPlace("logits", at(logits, begin), end - begin);
    checkInPlace("labels", at(labels, begin), end - begin);
  }
  for (let i = begin; i < end; i += 4) {
    const count = end - i;
    const error = f32x4.sub(sigmoidLanes(loadLanes(at(logits, i), count)), loadLanes(at(labels, i), count));
    storeLanes(at(dLogits, i), f32x4.mul(loadLanes(at(dLoss, i), count), error), count);
  }
}
