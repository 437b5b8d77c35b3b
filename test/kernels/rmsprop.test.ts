import { test } from "vitest";
import { KernelMemory } from "../support/kernel-memory.ts";
import { checkKernels, f, type KernelCase, LANE_SIZES, noise, withSpecials } from "./check-kernel.ts";

const memory = await KernelMemory.create();
const RHO = 0.95;
const [RATE, EPSILON] = [f(0.003), f(1e-7)];
const flush = (value: number): number => (Math.abs(value) < 2 ** -100 ? 0 : value);

/** A step in the kernel's own order of float32 operations: the new mean of squares, and what is taken off w. */
function step(s: number, g: number): [square: number, step: number] {
  const square = flush(f(f(f(RHO) * s) + f(f(1 - RHO) * f(g * g))));
  return [square, f(f(RATE * g) / f(Math.sqrt(f(square + EPSILON))))];
}

test.each([0, 0.8])("rmsprop with momentum %d: every tail, zeros, NaN, infinities, and what is below 2^-100", (mu) => {
  const momentum = f(mu);
  const cases = LANE_SIZES.flatMap((extent) =>
    [noise, withSpecials, (length: number) => new Float32Array(length)].map((gradients): KernelCase => {
      const [g, w] = [gradients(extent, 1), noise(extent, 2)];
      const square = noise(extent, 3).map((value, i) => Math.abs(value) * (i % 4 === 2 ? 2 ** -100 : 1));
      const velocity = noise(extent, 4).map((value, i) => (i % 4 === 1 ? value * 2 ** -100 : value));
      const steps = Array.from(g, (value, i) => step(square[i]!, value));
      const taken = steps.map(([, d], i) => (mu === 0 ? d : flush(f(f(momentum * velocity[i]!) + d))));
      const moved = [taken.map((d, i) => f(w[i]! - d)), steps.map(([s]) => s), ...(mu === 0 ? [] : [taken])];
      return {
        label: `rmsprop of ${extent}`,
        inputs: [g],
        outputs: [w, square, velocity].slice(0, moved.length),
        extent,
        run: (k, [weights, s, b = 0], [gradient], ...range) =>
          k.rmsprop(weights!, s!, b, gradient!, RATE, RHO, momentum, EPSILON, ...range),
        expected: moved.map((values) => ({ values })),
      };
    }),
  );
  checkKernels(memory, cases);
});
