import { expect, test } from "vitest";
import { KernelMemory } from "../support/kernel-memory.ts";
import { checkKernels, f, type KernelCase, LANE_SIZES, noise } from "./check-kernel.ts";

const memory = await KernelMemory.create();
const EPSILON = 2 ** -23;
/** What a rounded subnormal, times a label and once more rounded, may be off by. */
const SUBNORMAL = 2 ** -148;

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
/** Logits from -100 to 100, with NaN and the infinities in longer ones. */
const logitsOf = (length: number): Float32Array =>
  noise(length, length).map((value, i) => [NaN, Infinity, -Infinity][i - 12] ?? 100 * value ** 3);
const labelsOf = (length: number): Float32Array =>
  noise(length, 2).map((value, i) => (i % 3 === 0 ? 0 : i % 3 === 1 ? 1 : Math.abs(value)));

test("sigmoidCrossEntropy of large logits of both signs", () => {
  const cases = LANE_SIZES.map((extent): KernelCase => {
    const [logits, labels] = [logitsOf(extent), labelsOf(extent)];
    const values: number[] = [];
    const bound: number[] = [];
    logits.forEach((x, i) => {
      const parts = [Math.max(x, 0), -x * labels[i]!, Math.log1p(Math.exp(-Math.abs(x)))];
      values.push(parts[0]! + parts[1]! + parts[2]!);
      bound.push(2 * EPSILON * parts.reduce((sum, part) => sum + Math.abs(part), 0) + SUBNORMAL);
    });
    return {
      label: `sigmoidCrossEntropy of ${extent}`,
      inputs: [logits, labels],
      outputs: [extent],
      extent,
      run: (k, [loss], [x, t], ...range) => k.sigmoidCrossEntropy(loss!, x!, t!, ...range),
      expected: [{ values, bound }],
    };
  });
  checkKernels(memory, cases);
});

test("sigmoidCrossEntropyGrad", () => {
  const cases = LANE_SIZES.map((extent): KernelCase => {
    const [logits, labels, dLoss] = [logitsOf(extent), labelsOf(extent), noise(extent, 3)];
    const values = Array.from(logits, (x, i) => dLoss[i]! * (sigmoid(x) - labels[i]!));
    const bound = Array.from(
      logits,
      (x, i) => 4 * EPSILON * Math.abs(dLoss[i]!) * (sigmoid(x) + labels[i]!) + SUBNORMAL,
    );
    return {
      label: `sigmoidCrossEntropyGrad of ${extent}`,
      inputs: [dLoss, logits, labels],
      outputs: [extent],
      extent,
      run: (k, [dx], [d, x, t], ...range) => k.sigmoidCrossEntropyGrad(dx!, d!, x!, t!, ...range),
      expected: [{ values, bound }],
    };
  });
  checkKernels(memory, cases);
});

interface Rows {
  readonly rows: number;
  readonly classes: number;
  readonly logits: Float32Array;
  readonly labels: Float32Array;
}
const batches = LANE_SIZES.flatMap((classes) =>
  [1, 3].map((rows): Rows => {
    // One row is far below 0, so that a lane past the end taken for a logit of 0 would show.
    const logits = noise(rows * classes, classes).map((value, i) => (i < classes ? 5 * value - 200 : 20 * value));
    return { rows, classes, logits, labels: labelsOf(rows * classes) };
  }),
);

/** x - max - ln Σ e^(x - max) of the row, in float64. */
function logSoftmax(row: Float32Array): number[] {
  const top = Math.max(...row);
  const logTotal = Math.log(row.reduce((sum, x) => sum + Math.exp(x - top), 0));
  return Array.from(row, (x) => x - top - logTotal);
}

test("softmaxCrossEntropy of rows of any number of classes", () => {
  const cases = batches.map(({ rows, classes, logits, labels }): KernelCase => {
    const logs: number[] = [];
    const logBounds: number[] = [];
    const losses: number[] = [];
    const lossBounds: number[] = [];
    for (let row = 0; row < rows; row++) {
      const x = logits.subarray(row * classes, (row + 1) * classes);
      const t = labels.subarray(row * classes, (row + 1) * classes);
      const logProbabilities = logSoftmax(x);
      // Rounding of x - max, of the sum of the powers (a chain of classes / 4 and the join) and of the two differences.
      const errors = logProbabilities.map((log) => EPSILON * (Math.abs(log) + classes / 4 + 6));
      logs.push(...logProbabilities);
      logBounds.push(...errors);
      losses.push(-logProbabilities.reduce((sum, log, j) => sum + log * t[j]!, 0));
      lossBounds.push(
        logProbabilities.reduce((sum, log, j) => sum + t[j]! * (errors[j]! + EPSILON * (classes / 4 + 4) * -log), 0),
      );
    }
    return {
      label: `softmaxCrossEntropy [${rows},${classes}]`,
      inputs: [logits, labels],
      outputs: [rows, rows * classes],
      extent: rows,
      run: (k, [loss, log], [x, t], ...range) => k.softmaxCrossEntropy(loss!, log!, x!, t!, classes, ...range),
      expected: [
        { values: losses, bound: lossBounds },
        { values: logs, bound: logBounds },
      ],
    };
  });
  checkKernels(memory, cases);
});

test("softmaxCrossEntropyGrad, also where the labels of a row do not sum to 1; in place too", () => {
  const cases = batches.flatMap(({ rows, classes, logits, labels }): KernelCase[] => {
    const dLoss = noise(rows, 5);
    const logs = new Float32Array(rows * classes);
    const values: number[] = [];
    const bound: number[] = [];
    for (let row = 0; row < rows; row++) {
      const t = labels.subarray(row * classes, (row + 1) * classes);
      const total = t.reduce((sum, label) => sum + label, 0);
      logSoftmax(logits.subarray(row * classes, (row + 1) * classes)).forEach((log, j) => {
        logs[row * classes + j] = f(log);
        const expectedLabel = Math.exp(f(log)) * total;
        values.push(dLoss[row]! * (expectedLabel - t[j]!));
        bound.push(EPSILON * Math.abs(dLoss[row]!) * (classes + 4) * (expectedLabel + t[j]!) + SUBNORMAL);
      });
    }
    const shared = {
      label: `softmaxCrossEntropyGrad [${rows},${classes}]`,
      extent: rows,
      expected: [{ values, bound }],
    };
    return [
      {
        ...shared,
        inputs: [dLoss, labels, logs],
        outputs: [logs.length],
        run: (k, [dx], [d, t, log], ...range) => k.softmaxCrossEntropyGrad(dx!, d!, log!, t!, classes, ...range),
      },
      {
        ...shared,
        inputs: [dLoss, labels],
        outputs: [logs],
        run: (k, [dx], [d, t], ...range) => k.softmaxCrossEntropyGrad(dx!, d!, dx!, t!, classes, ...range),
      },
    ];
  });
  checkKernels(memory, cases);
});

test("a NaN logit makes its row's loss NaN and no other's", () => {
  memory.reset();
  const classes = 6;
  const logits = noise(3 * classes, 6);
  logits[classes + 4] = NaN;
  const [x, t, loss, log] = [
    memory.place(logits),
    memory.place(new Float32Array(3 * classes).fill(1)),
    memory.place(3),
    memory.place(3 * classes),
  ];
  memory.kernels.softmaxCrossEntropy(loss, log, x, t, classes, 0, 3);
  expect([...memory.floats(loss, 3)].map(Number.isNaN)).toEqual([false, true, false]);
});
