import { test } from "vitest";
import { KernelMemory } from "../support/kernel-memory.ts";
import { checkKernels, ExactSum, expectedSums, f, type KernelCase, noise, withSpecials } from "./check-kernel.ts";

const memory = await KernelMemory.create();

interface Axis {
  readonly outer: number;
  readonly count: number;
  readonly inner: number;
}
const counts = [1, 2, 3, 4, 5, 15, 16, 17, 33, 255, 256, 257, 530];
/** Counts around the lanes and the blocks of 256, inner sizes around the lanes and the groups of 16 columns. */
const axes: readonly Axis[] = [
  ...counts.flatMap((count) => [1, 3].map((outer): Axis => ({ outer, count, inner: 1 }))),
  ...[1, 2, 3, 4, 5, 15, 16, 17, 18, 37].flatMap((inner) =>
    [1, 7, 300].map((count): Axis => ({ outer: 2, count, inner })),
  ),
];

const extentOf = ({ outer, inner }: Axis): number => outer * inner;
const labelOf = ({ outer, count, inner }: Axis): string => `[${outer},${count},${inner}]`;

/** The elements of x that output element `e` reduces, in order. */
function elements(x: Float32Array, { count, inner }: Axis, e: number): number[] {
  const first = Math.floor(e / inner) * count * inner + (e % inner);
  return Array.from({ length: count }, (_, k) => x[first + k * inner]!);
}

test("sumAxis is near the float64 sum", () => {
  const cases = axes.flatMap((axis) =>
    [1, 7].map((divisor): KernelCase => {
      const x = noise(axis.count * extentOf(axis), 1);
      const sums = Array.from({ length: extentOf(axis) }, (_, e) => {
        const sum = new ExactSum();
        for (const value of elements(x, axis, e)) sum.add(value / divisor);
        return sum;
      });
      return sumCase(`sumAxis ${labelOf(axis)} / ${divisor}`, x, axis, divisor, expectedSums(sums, 0.5));
    }),
  );
  checkKernels(memory, cases);
});

test("sumAxis adds in the order its header states, bit for bit, NaN and infinities too", () => {
  const cases = axes.map((axis): KernelCase => {
    const x =
      axis.count % 2 === 0 ? noise(axis.count * extentOf(axis), 2) : withSpecials(axis.count * extentOf(axis), 2);
    const values = Array.from({ length: extentOf(axis) }, (_, e) => {
      const sum = statedSum(elements(x, axis, e), axis.inner === 1 ? 16 : 1);
      return f(sum / 7);
    });
    return sumCase(`sumAxis ${labelOf(axis)}`, x, axis, 7, { values });
  });
  checkKernels(memory, cases);
});

function sumCase(
  label: string,
  x: Float32Array,
  axis: Axis,
  divisor: number,
  expected: KernelCase["expected"][0],
): KernelCase {
  const { outer, count, inner } = axis;
  return {
    label,
    inputs: [x],
    outputs: [extentOf(axis)],
    extent: extentOf(axis),
    run: (k, [y], [from], ...range) => k.sumAxis(y!, from!, outer, count, inner, divisor, ...range),
    expected: [expected],
  };
}

/** Blocks of 256 added ascending; in a block element j joins chain j mod `chains`. */
function statedSum(terms: number[], chains: 1 | 16): number {
  let total = 0;
  for (let first = 0; first < terms.length; first += 256) {
    const block = new Array<number>(chains).fill(0);
    terms.slice(first, first + 256).forEach((term, j) => (block[j % chains] = f(block[j % chains]! + term)));
    const sum = chains === 1 ? block[0]! : joinChains(block);
    total = first === 0 ? sum : f(total + sum);
  }
  return total;
}

function joinChains(c: number[]): number {
  const lanes = [0, 1, 2, 3].map((l) => f(f(c[l]! + c[l + 4]!) + f(c[l + 8]! + c[l + 12]!)));
  return f(f(lanes[0]! + lanes[2]!) + f(lanes[1]! + lanes[3]!));
}

test("maxAxis", () => {
  const cases = axes.flatMap((axis) =>
    [noise, withSpecials].map((fill): KernelCase => {
      const { outer, count, inner } = axis;
      const x = fill(count * extentOf(axis), 3);
      const values = Array.from({ length: extentOf(axis) }, (_, e) => Math.max(...elements(x, axis, e)));
      return {
        label: `maxAxis ${labelOf(axis)}`,
        inputs: [x],
        outputs: [values.length],
        extent: values.length,
        run: (k, [y], [from], ...range) => k.maxAxis(y!, from!, outer, count, inner, ...range),
        expected: [{ values }],
      };
    }),
  );
  checkKernels(memory, cases);
});
