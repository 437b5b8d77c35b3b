import { expect, test } from "vitest";
import type { Kernels } from "../../src/engine/runtime/kernels.ts";
import { KernelMemory } from "../support/kernel-memory.ts";
import { checkKernels, f, type KernelCase, noise, withSpecials } from "./check-kernel.ts";

const memory = await KernelMemory.create();

interface Operand {
  readonly strides: readonly number[];
  /** Where element 0 stands: behind the start where strides are negative, or inside for a slice. */
  readonly offset?: number;
}
interface View {
  readonly dims: readonly number[];
  readonly a: Operand;
  readonly b: Operand;
}

const row = (length: number, a: number, b: number): View => ({
  dims: [length],
  a: { strides: [a] },
  b: { strides: [b] },
});
/** Lasts of every kind: contiguous, broadcast, strided, reversed; ranks 1 to 8; lengths around the lanes. */
const views: View[] = [
  ...[1, 2, 3, 4, 5, 8, 11].flatMap((n) => [row(n, 1, 1), row(n, 1, 0), row(n, 0, 1), row(n, 0, 0), row(n, 3, 2)]),
  { dims: [7, 5], a: { strides: [5, 1] }, b: { strides: [0, 1] } },
  { dims: [7, 5], a: { strides: [1, 7] }, b: { strides: [1, 0] } },
  { dims: [3, 9], a: { strides: [0, 1] }, b: { strides: [9, -1], offset: 8 } },
  { dims: [4, 6], a: { strides: [-6, 1], offset: 18 }, b: { strides: [6, 1], offset: 3 } },
  { dims: [2, 3, 4], a: { strides: [4, 8, 1] }, b: { strides: [0, 4, 1] } },
  { dims: [3, 1, 5, 2], a: { strides: [1, 1, 6, 3] }, b: { strides: [10, 3, 0, 1] } },
  {
    dims: [2, 1, 2, 1, 2, 1, 2, 3],
    a: { strides: [24, 0, 12, 0, 6, 0, 3, 1] },
    b: { strides: [1, 0, 2, 0, 4, 0, 8, 16] },
  },
];

/** The position of every element, row-major over dims, in an operand. */
function positions(dims: readonly number[], { strides, offset = 0 }: Operand): number[] {
  return dims.reduce<number[]>(
    (found, dim, d) => found.flatMap((position) => Array.from({ length: dim }, (_, i) => position + i * strides[d]!)),
    [offset],
  );
}

const lengthOf = (places: readonly number[]): number => Math.max(...places) + 1;
const label = (view: View): string => JSON.stringify(view);

const binary: Record<
  string,
  [(k: Kernels, ...args: [number, number, number, number, number, number]) => void, (a: number, b: number) => number]
> = {
  add: [(k, ...args) => k.add(...args), (a, b) => f(a + b)],
  sub: [(k, ...args) => k.sub(...args), (a, b) => f(a - b)],
  mul: [(k, ...args) => k.mul(...args), (a, b) => f(a * b)],
  div: [(k, ...args) => k.div(...args), (a, b) => f(a / b)],
  maximum: [(k, ...args) => k.maximum(...args), Math.max],
  greaterEqual: [(k, ...args) => k.greaterEqual(...args), (a, b) => Number(a >= b)],
  equal: [(k, ...args) => k.equal(...args), (a, b) => Number(a === b)],
};

test.each(Object.entries(binary))("%s through every view", (name, [call, reference]) => {
  const cases = views.map((view): KernelCase => {
    const aPlaces = positions(view.dims, view.a);
    const bPlaces = positions(view.dims, view.b);
    const a = withSpecials(lengthOf(aPlaces), 1);
    // Half of b is a's, for equal to find.
    const b = noise(lengthOf(bPlaces), 2).map((value, i) => (i % 2 === 0 ? (a[i] ?? value) : value));
    const table = Int32Array.of(view.dims.length, ...view.dims, ...view.a.strides, ...view.b.strides);
    return {
      label: `${name} ${label(view)}`,
      inputs: [a, b, table],
      outputs: [aPlaces.length],
      extent: aPlaces.length,
      run: (k, [y], [x1, x2, geometry], begin, end) =>
        call(k, y!, x1! + 4 * (view.a.offset ?? 0), x2! + 4 * (view.b.offset ?? 0), geometry!, begin, end),
      expected: [{ values: aPlaces.map((place, i) => reference(a[place]!, b[bPlaces[i]!]!)) }],
    };
  });
  checkKernels(memory, cases);
});

/** The operand `a` of every view, with the table a copy needs. */
const operands = views.map(({ dims, a }) => ({
  label: JSON.stringify({ dims, a }),
  places: positions(dims, a),
  start: 4 * (a.offset ?? 0),
  table: Int32Array.of(dims.length, ...dims, ...a.strides),
}));
/** Those in which no two elements meet: what a store may write. */
const distinct = operands.filter(({ places }) => new Set(places).size === places.length);

test("stridedCopy moves bits", () => {
  const cases = operands.map(({ label, places, start, table }): KernelCase => {
    const x = withSpecials(lengthOf(places), 3);
    return {
      label,
      inputs: [x, table],
      outputs: [places.length],
      extent: places.length,
      run: (k, [y], [from, view], begin, end) => k.stridedCopy(y!, from! + start, view!, begin, end),
      expected: [{ values: places.map((place) => x[place]!) }],
    };
  });
  checkKernels(memory, cases);
});

test("stridedStore and stridedAccumulate leave the elements between as they are", () => {
  expect(distinct.length).toBeGreaterThan(10);
  const cases = distinct.flatMap(({ label, places, start, table }): KernelCase[] => {
    const x = noise(places.length, 4);
    const old = noise(lengthOf(places) + 3, 5);
    const stored = Float32Array.from(old);
    const added = Float32Array.from(old);
    places.forEach((place, i) => {
      stored[place] = x[i]!;
      added[place] = f(old[place]! + x[i]!);
    });
    const shared = { label, inputs: [x, table], outputs: [old], extent: places.length };
    return [
      {
        ...shared,
        run: (k, [y], [from, view], ...range) => k.stridedStore(y! + start, from!, view!, ...range),
        expected: [{ values: stored }],
      },
      {
        ...shared,
        run: (k, [y], [from, view], ...range) => k.stridedAccumulate(y! + start, from!, view!, ...range),
        expected: [{ values: added }],
      },
    ];
  });
  checkKernels(memory, cases);
});
