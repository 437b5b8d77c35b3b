// Cross entropies and their gradients.
import { matrixDims } from "../../../src/engine/shape.ts";
import { logistic } from "./elementwise.ts";
import { TINY, UNIT, type Reference } from "./reference.ts";
import { mapped, zerosOf, type Value } from "./value.ts";

/** max(x, 0) − x·t + ln(1 + e^−|x|). */
const sigmoidCrossEntropy: Reference = {
  values: ([x, t]) => [mapped(x!, (v, i) => Math.max(v, 0) - v * t!.data[i]! + Math.log1p(Math.exp(-Math.abs(v))))],
  bounds: ([x, t]) => [
    x!.data.map((v, i) => {
      const terms = Math.max(v, 0) + 2 * Math.abs(v * t!.data[i]!) + 6 * Math.log1p(Math.exp(-Math.abs(v)));
      return 2 * UNIT * terms + TINY;
    }),
  ],
};

const sigmoidCrossEntropyGrad: Reference = {
  values: ([dLoss, x, t]) => [mapped(dLoss!, (d, i) => d * (logistic(x!.data[i]!) - t!.data[i]!))],
  bounds: ([dLoss, x, t]) => [
    dLoss!.data.map((d, i) => UNIT * Math.abs(d) * (8 * logistic(x!.data[i]!) + 2 * Math.abs(t!.data[i]!)) + TINY),
  ],
};

/** Calls the body with the start of each row of [rows, classes]. */
function forEachRow({ shape }: Value, body: (start: number, classes: number, row: number) => void): void {
  const [rows, classes] = matrixDims(shape);
  for (let row = 0; row < rows; row++) body(row * classes, classes, row);
}

/** Largest element of a row, and ln Σ e^(x − largest). */
function logSum(x: Float64Array): readonly [largest: number, log: number] {
  const largest = Math.max(...x);
  return [largest, Math.log(x.reduce((sum, v) => sum + Math.exp(v - largest), 0))];
}

/** −Σ t·ln softmax(x) of each row; the log-probabilities are kept. */
const softmaxCrossEntropy: Reference = {
  values([x, t], _, shape) {
    const [loss, logs] = [zerosOf(shape), zerosOf(x!.shape)];
    forEachRow(x!, (start, classes, row) => {
      const [largest, log] = logSum(x!.data.subarray(start, start + classes));
      for (let i = start; i < start + classes; i++) {
        logs.data[i] = x!.data[i]! - largest - log;
        loss.data[row]! -= t!.data[i]! * logs.data[i]!;
      }
    });
    return [loss, logs];
  },
  bounds([x, t], _, [loss, logs]) {
    const [lossBound, logBound] = [zerosOf(loss!.shape).data, zerosOf(logs!.shape).data];
    forEachRow(x!, (start, classes, row) => {
      const [largest, log] = logSum(x!.data.subarray(start, start + classes));
      for (let i = start; i < start + classes; i++) {
        // The sum of exponentials is off by its terms' roundings. Its logarithm takes this error over unchanged.
        const off = UNIT * (3 * Math.abs(x!.data[i]! - largest) + 4 * log + classes + 6) + TINY;
        logBound[i] = off;
        lossBound[row]! += Math.abs(t!.data[i]!) * (off + (classes + 1) * UNIT * Math.abs(logs!.data[i]!));
      }
    });
    return [lossBound, logBound];
  },
};

/** dLoss·(softmax·Σt − t), softmax = e^logs. */
const softmaxCrossEntropyGrad: Reference = {
  values([dLoss, logs, t]) {
    const dLogits = zerosOf(logs!.shape);
    forEachRow(logs!, (start, classes, row) => {
      const labels = t!.data.subarray(start, start + classes);
      const total = labels.reduce((sum, label) => sum + label, 0);
      labels.forEach((label, i) => {
        dLogits.data[start + i] = dLoss!.data[row]! * (Math.exp(logs!.data[start + i]!) * total - label);
      });
    });
    return [dLogits];
  },
  bounds([dLoss, logs, t]) {
    const bound = zerosOf(logs!.shape).data;
    forEachRow(logs!, (start, classes, row) => {
      const labels = t!.data.subarray(start, start + classes).map(Math.abs);
      const total = labels.reduce((sum, label) => sum + label, 0);
      labels.forEach((label, i) => {
        const terms = (classes + 8) * Math.exp(logs!.data[start + i]!) * total + 2 * label;
        bound[start + i] = UNIT * Math.abs(dLoss!.data[row]!) * terms + TINY;
      });
    });
    return [bound];
  },
};

/** Losses by name. */
export const losses: Readonly<Record<string, Reference>> = {
  sigmoidCrossEntropy,
  sigmoidCrossEntropyGrad,
  softmaxCrossEntropy,
  softmaxCrossEntropyGrad,
};
