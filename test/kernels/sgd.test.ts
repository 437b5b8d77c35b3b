import { test } from "vitest";
import { KernelMemory } from "../support/kernel-memory.ts";
import { checkKernels, f, type KernelCase, LANE_SIZES, noise, withSpecials } from "./check-kernel.ts";

const memory = await KernelMemory.create();
const [RATE, MOMENTUM] = [f(0.07), f(0.9)];
const flush = (value: number): number => (Math.abs(value) < 2 ** -100 ? 0 : value);
const gradientsOf = [noise, withSpecials, (length: number): Float32Array => new Float32Array(length)];

test("sgd without momentum: every tail, zeros, NaN and infinities", () => {
  const cases = LANE_SIZES.flatMap((extent) =>
    gradientsOf.map((gradients): KernelCase => {
      const [g, w] = [gradients(extent, 1), noise(extent, 2)];
      return {
        label: `sgd of ${extent}`,
        inputs: [g],
        outputs: [w],
        extent,
        run: (k, [weights], [gradient], ...range) => k.sgd(weights!, 0, gradient!, RATE, 0, 0, ...range),
        expected: [{ values: Array.from(g, (value, i) => f(w[i]! - f(RATE * value))) }],
      };
    }),
  );
  checkKernels(memory, cases);
});

test.each([0, 1])("sgd with momentum, nesterov %i: also velocities below 2^-100, which become 0", (nesterov) => {
  const cases = LANE_SIZES.flatMap((extent) =>
    gradientsOf.map((gradients): KernelCase => {
      const [g, w] = [gradients(extent, 1), noise(extent, 2)];
      // Some velocities shrink below the limit in this step, where the gradient is 0.
      const velocity = noise(extent, 3).map((value, i) => (i % 4 === 1 ? value * 2 ** -100 : value));
      const after = Array.from(g, (value, i) => flush(f(f(MOMENTUM * velocity[i]!) + value)));
      const step = after.map((b, i) => (nesterov === 1 ? f(g[i]! + f(MOMENTUM * b)) : b));
      return {
        label: `sgd of ${extent}`,
        inputs: [g],
        outputs: [w, velocity],
        extent,
        run: (k, [weights, b], [gradient], ...range) =>
          k.sgd(weights!, b!, gradient!, RATE, MOMENTUM, nesterov, ...range),
        expected: [{ values: step.map((value, i) => f(w[i]! - f(RATE * value))) }, { values: after }],
      };
    }),
  );
  checkKernels(memory, cases);
});
