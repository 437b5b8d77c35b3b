// exp, log, tanh, sin, cos and what is made of them, against float64 over all of float32.
import { expect, test } from "vitest";
import type { Kernels } from "../../src/engine/runtime/kernels.ts";
import { debugMemory } from "../support/debug-kernels.ts";
import { KernelMemory } from "../support/kernel-memory.ts";
import { checkKernels, type KernelCase, noise, ulp } from "./check-kernel.ts";

const memory = await KernelMemory.create();
const debug = await debugMemory();
/** Every 2999th of the 2^32 bit patterns: each exponent, both signs, subnormals, infinities and NaNs. */
const STRIDE = 2999;
const CHUNK = 1 << 16;

interface Function {
  readonly call: (k: Kernels, y: number, x: number, begin: number, end: number) => void;
  readonly exact: (x: number) => number;
  readonly ulps: number;
  /** [x, y] that must hold to the bit. */
  readonly points: [x: number, y: number][];
}
const functions: Record<string, Function> = {
  exp: {
    call: (k, ...args) => k.exp(...args),
    exact: Math.exp,
    ulps: 1,
    points: [
      [0, 1],
      [-Infinity, 0],
      [-104, 0],
      [Infinity, Infinity],
      [88.7228394, Infinity],
      [NaN, NaN],
    ],
  },
  log: {
    call: (k, ...args) => k.log(...args),
    exact: Math.log,
    ulps: 1,
    points: [
      [1, 0],
      [0, -Infinity],
      [-0, -Infinity],
      [-1e-45, NaN],
      [-Infinity, NaN],
      [Infinity, Infinity],
      [NaN, NaN],
    ],
  },
  tanh: {
    call: (k, ...args) => k.tanh(...args),
    exact: Math.tanh,
    ulps: 2,
    points: [
      [0, 0],
      [-0, -0],
      [10, 1],
      [-10, -1],
      [Infinity, 1],
      [-Infinity, -1],
      [NaN, NaN],
    ],
  },
  sigmoid: {
    call: (k, ...args) => k.sigmoid(...args),
    exact: (x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))),
    ulps: 3,
    points: [
      [0, 0.5],
      [Infinity, 1],
      [-Infinity, 0],
      [NaN, NaN],
    ],
  },
  softplus: {
    call: (k, ...args) => k.softplus(...args),
    exact: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    ulps: 2,
    points: [
      [Infinity, Infinity],
      [-Infinity, 0],
      [100, 100],
      [NaN, NaN],
    ],
  },
};

test.each(Object.entries(functions))("%s over all of float32", (name, { call, exact, ulps }) => {
  memory.reset();
  const [x, y] = [memory.place(CHUNK), memory.place(CHUNK)];
  let worst = 0;
  let count = 0;
  for (let first = 0; first < 2 ** 32; first += CHUNK * STRIDE) {
    const inputs = new Float32Array(Int32Array.from({ length: CHUNK }, (_, i) => first + i * STRIDE).buffer);
    memory.write(x, inputs);
    call(memory.kernels, y, x, 0, CHUNK);
    memory.floats(y, CHUNK).forEach((got, i) => {
      const error = errorInUlps(got, exact(inputs[i]!));
      if (!(error <= ulps)) throw new Error(`${name}(${inputs[i]}) is ${got}, ${error} ulp from ${exact(inputs[i]!)}`);
      worst = Math.max(worst, error);
      count++;
    });
  }
  expect(count).toBeGreaterThan(1_400_000);
  // Worse than a correctly rounded function somewhere, or nothing was measured.
  expect(worst).toBeGreaterThan(0.5);
});

/** How far a float32 is from an exact value; a value past the largest float32 may also be infinite. */
function errorInUlps(got: number, want: number): number {
  if (got === want || (Number.isNaN(got) && Number.isNaN(want))) return 0;
  if (Math.abs(want) > 3.4028235e38 && Math.abs(got) === Infinity) return 0;
  return Math.abs(got - want) / ulp(want);
}

test.each(Object.entries(functions))("%s at its special points", (_, { call, points }) => {
  memory.reset();
  const [x, y] = [memory.place(Float32Array.from(points, ([from]) => from)), memory.place(points.length)];
  call(memory.kernels, y, x, 0, points.length);
  expect([...memory.floats(y, points.length)]).toEqual(points.map(([, to]) => Math.fround(to)));
});

test("sinCos over the turn: at most 2 ulp, and no more than 2^-22 off the circle", () => {
  const { memory, kernels } = debug;
  memory.reset();
  const [sin, cos, x] = [memory.place(CHUNK), memory.place(CHUNK), memory.place(CHUNK)];
  let count = 0;
  for (let first = 0; first < 2 ** 24; first += CHUNK * 37) {
    const turns = Float32Array.from({ length: CHUNK }, (_, i) => ((first + i * 37) % 2 ** 24) / 2 ** 24);
    memory.write(x, turns);
    kernels.sinCos(sin, cos, x, 0, CHUNK);
    const [sines, cosines] = [memory.floats(sin, CHUNK), memory.floats(cos, CHUNK)];
    turns.forEach((u, i) => {
      const [exactSin, exactCos] = exactSinCos(u);
      const error = Math.max(errorInUlps(sines[i]!, exactSin), errorInUlps(cosines[i]!, exactCos));
      if (!(error <= 2)) throw new Error(`sinCos(${u}) is ${sines[i]}, ${cosines[i]}, ${error} ulp off`);
      const offCircle = Math.abs(sines[i]! ** 2 + cosines[i]! ** 2 - 1);
      if (!(offCircle <= 2 ** -22)) throw new Error(`sinCos(${u}) is ${offCircle} off the circle`);
      count++;
    });
  }
  expect(count).toBeGreaterThan(400_000);
});

/** sin and cos of 2πu, reduced to an eighth of a turn first, as 2πu rounded to float64 would lose the zeros. */
function exactSinCos(u: number): [sin: number, cos: number] {
  const quarter = Math.round(4 * u);
  const [sin, cos] = [Math.sin(2 * Math.PI * (u - quarter / 4)), Math.cos(2 * Math.PI * (u - quarter / 4))];
  return (
    [
      [sin, cos],
      [cos, -sin],
      [-sin, -cos],
      [-cos, sin],
    ] as const
  )[quarter & 3]! as [number, number];
}

test("sinCos writes its range only, tails with the lanes' bits", () => {
  const cases = [1, 2, 3, 4, 5, 11].map((extent): KernelCase => {
    const turns = noise(extent, 1).map(Math.abs);
    const exact = Array.from(turns, exactSinCos);
    return {
      label: `sinCos of ${extent}`,
      inputs: [turns],
      outputs: [extent, extent],
      extent,
      run: (_, [sin, cos], [x], ...range) => debug.kernels.sinCos(sin!, cos!, x!, ...range),
      expected: [0, 1].map((which) => ({
        values: exact.map((pair) => pair[which]!),
        bound: exact.map((pair) => 2 * ulp(pair[which]!)),
      })),
    };
  });
  checkKernels(debug.memory, cases);
});
