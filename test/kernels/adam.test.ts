import { expect, test } from "vitest";
import { KernelMemory } from "../support/kernel-memory.ts";
import { checkKernels, f, type KernelCase, LANE_SIZES, noise, withSpecials } from "./check-kernel.ts";

const memory = await KernelMemory.create();
const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];
const flush = (value: number): number => (Math.abs(value) < 2 ** -100 ? 0 : value);

/** A step in the kernel's own order of float32 operations; 1 - β is taken in float64, and rounded once. */
function step(w: number, m: number, v: number, g: number, rate: number): [w: number, m: number, v: number] {
  const [b1, b2] = [f(BETA1), f(BETA2)];
  const mNew = flush(f(f(b1 * m) + f(f(1 - BETA1) * g)));
  const vNew = flush(f(f(b2 * v) + f(f(1 - BETA2) * f(g * g))));
  return [f(w - f(f(rate * mNew) / f(f(Math.sqrt(vNew)) + f(EPSILON)))), mNew, vNew];
}

test("adam: every tail, zeros, NaN, infinities, and moments below 2^-100 that become 0", () => {
  const rate = f(0.0007);
  const cases = LANE_SIZES.flatMap((extent) =>
    [noise, withSpecials, (length: number) => new Float32Array(length)].map((gradients): KernelCase => {
      const g = gradients(extent, 1);
      const w = noise(extent, 2);
      // Some moments shrink below the limit in this step, some stay just above.
      const m = noise(extent, 3).map((value, i) => (i % 4 === 1 ? value * 2 ** -99 : value));
      const v = noise(extent, 4).map((value, i) => (i % 4 === 2 ? Math.abs(value) * 2 ** -99 : Math.abs(value)));
      const after = Array.from(g, (gradient, i) => step(w[i]!, m[i]!, v[i]!, gradient, rate));
      return {
        label: `adam of ${extent}`,
        inputs: [g, Float32Array.of(rate)],
        outputs: [w, m, v],
        extent,
        run: (k, [weights, first, second], [gradient, at], ...range) =>
          k.adam(weights!, first!, second!, gradient!, at!, BETA1, BETA2, EPSILON, ...range),
        expected: [0, 1, 2].map((output) => ({ values: after.map((state) => state[output]!) })),
      };
    }),
  );
  checkKernels(memory, cases);
});

test("adam follows its formula in float64 over 50 steps", () => {
  memory.reset();
  const [w, m, v] = [
    memory.place(Float32Array.of(0.5)),
    memory.place(new Float32Array(1)),
    memory.place(new Float32Array(1)),
  ];
  const [g, rate] = [memory.place(1), memory.place(1)];
  const exact = { w: 0.5, m: 0, v: 0 };
  for (let t = 1; t <= 50; t++) {
    const gradient = f(Math.sin(t));
    const corrected = (3e-4 * Math.sqrt(1 - BETA2 ** t)) / (1 - BETA1 ** t);
    memory.write(g, Float32Array.of(gradient));
    memory.write(rate, Float32Array.of(corrected));
    memory.kernels.adam(w, m, v, g, rate, BETA1, BETA2, EPSILON, 0, 1);
    exact.m = BETA1 * exact.m + (1 - BETA1) * gradient;
    exact.v = BETA2 * exact.v + (1 - BETA2) * gradient * gradient;
    exact.w -= (corrected * exact.m) / (Math.sqrt(exact.v) + EPSILON);
  }
  // Each step rounds w once, by at most 2^-25, and the update by far less.
  expect(Math.abs(memory.floats(w, 1)[0]! - exact.w)).toBeLessThan(50 * 2 ** -24);
});
