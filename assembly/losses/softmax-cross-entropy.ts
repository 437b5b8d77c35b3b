import { checkCall, checkInPlace, checkInput, checkOutput, checkSize, UNKNOWN } from "../contract";
import { expLanes } from "../math/exp";
import { at, firstLanes, loadLanes, maxLanes, storeLanes, sumLanes } from "../math/lanes";
import { logLanes } from "../math/log";

// Softmax cross entropy of logits x and labels t over the classes of a row.
//
//   logits, labels, logProbabilities, dLogits   [rows, classes]
//   loss, dLoss                                 [rows]
//
// All buffers hold floats, are 4-byte aligned and do not overlap, except that dLogits may be logProbabilities. In a sum
// over the classes, class j joins chain j mod 4, ascending; the four chains join as in sumLanes. NaN in, NaN out. The
// range is rows.

// logProbabilities = x - max x - ln Σ e^(x - max x); loss[row] = -Σ t logProbabilities.
export function softmaxCrossEntropy(
  loss: usize,
  logProbabilities: usize,
  logits: usize,
  labels: usize,
  classes: i32,
  begin: i32,
  end: i32,
): void {
  if (!ASC_NO_ASSERT) {
    const count = end - begin;
    checkCall("softmaxCrossEntropy", begin, end, UNKNOWN);
    checkSize("classes", classes);
    checkOutput("loss", at(loss, begin), count);
    checkOutput("logProbabilities", at(logProbabilities, begin * classes), count * classes);
    checkInput("logits", at(logits, begin * classes), count * classes);
    checkInput("labels", at(labels, begin * classes), count * classes);
  }
  for (let row = begin; row < end; row++) {
    const first = row * classes;
    logSoftmax(at(logProbabilities, first), at(logits, first), classes);
    store<f32>(at(loss, row), -sumOfProducts(at(labels, first), at(logProbabilities, first), classes));
  }
}

// dLogits = dLoss[row] (e^logProbabilities Σ t - t).
export function softmaxCrossEntropyGrad(
  dLogits: usize,
  dLoss: usize,
  logProbabilities: usize,
  labels: usize,
  classes: i32,
  begin: i32,
  end: i32,
): void {
  if (!ASC_NO_ASSERT) {
    const count = end - begin;
    checkCall("softmaxCrossEntropyGrad", begin, end, UNKNOWN);
    checkSize("classes", classes);
    checkOutput("dLogits", at(dLogits, begin * classes), count * classes);
    checkInput("dLoss", at(dLoss, begin), count);
    checkInPlace("logProbabilities", at(logProbabilities, begin * classes), count * classes);
    checkInput("labels", at(labels, begin * classes), count * classes);
  }
  for (let row = begin; row < end; row++) {
    const first = row * classes;
    const t = at(labels, first);
    const factor = v128.load32_splat(at(dLoss, row));
    const total = f32x4.splat(sum(t, classes));
    for (let j = 0; j < classes; j += 4) {
      const count = classes - j;
      const probability = expLanes(loadLanes(at(logProbabilities, first + j), count));
      const error = f32x4.sub(f32x4.mul(probability, total), loadLanes(at(t, j), count));
      storeLanes(at(dLogits, first + j), f32x4.mul(factor, error), count);
    }
  }
}

function logSoftmax(y: usize, x: usize, classes: i32): void {
  let largest = v128.load32_splat(x);
  for (let j = 0; j < classes; j += 4) {
    const count = classes - j;
    const inRow = v128.bitselect(loadLanes(at(x, j), count), largest, firstLanes(count));
    largest = f32x4.max(largest, inRow);
  }
  const top = f32x4.splat(maxLanes(largest));
  let total = f32x4.splat(0);
  for (let j = 0; j < classes; j += 4) {
    const count = classes - j;
    const power = expLanes(f32x4.sub(loadLanes(at(x, j), count), top));
    total = f32x4.add(total, v128.and(power, firstLanes(count)));
  }
  const logTotal = logLanes(f32x4.splat(sumLanes(total)));
  for (let j = 0; j < classes; j += 4) {
    const count = classes - j;
    storeLanes(at(y, j), f32x4.sub(f32x4.sub(loadLanes(at(x, j), count), top), logTotal), count);
  }
}

function sum(x: usize, count: i32): f32 {
  let total = f32x4.splat(0);
  for (let j = 0; j < count; j += 4) total = f32x4.add(total, loadLanes(at(x, j), count - j));
  return sumLanes(total);
}

function sumOfProducts(a: usize, b: usize, count: i32): f32 {
  let total = f32x4.splat(0);
  for (let j = 0; j < count; j += 4) {
    const product = f32x4.mul(loadLanes(at(a, j), count - j), loadLanes(at(b, j), count - j));
    total = f32x4.add(total, product);
  }
  return sumLanes(total);
}
