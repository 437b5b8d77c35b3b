import { describe, expect, test } from "vitest";
import { philox as libraryPhilox } from "../../src/engine/random/philox.ts";
import { debugMemory } from "../support/debug-kernels.ts";
import { KernelMemory } from "../support/kernel-memory.ts";
import { checkKernels, type KernelCase } from "./check-kernel.ts";

const memory = await KernelMemory.create();
const debug = await debugMemory();
type Words = [number, number, number, number];
type Key = [low: number, high: number];

/** Philox4x32-10 by its definition, in integers of any size. */
function philox(counter: Words, key: Key): Words {
  let [c0, c1, c2, c3] = counter.map((word) => BigInt(word >>> 0)) as [bigint, bigint, bigint, bigint];
  let [k0, k1] = key.map((word) => BigInt(word >>> 0)) as [bigint, bigint];
  for (let round = 0; round < 10; round++) {
    const [product0, product1] = [0xd2511f53n * c0, 0xcd9e8d57n * c2];
    [c0, c1, c2, c3] = [
      (product1 >> 32n) ^ c1 ^ k0,
      product1 & 0xffffffffn,
      (product0 >> 32n) ^ c3 ^ k1,
      product0 & 0xffffffffn,
    ];
    [k0, k1] = [(k0 + 0x9e3779b9n) & 0xffffffffn, (k1 + 0xbb67ae85n) & 0xffffffffn];
  }
  return [c0, c1, c2, c3].map(Number) as Words;
}

describe("Random123's known answers (kat_vectors, philox4x32 10)", () => {
  const F = 0xffffffff;
  const answers: [counter: Words, key: Key, words: Words][] = [
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [F, F, F, F],
      [F, F],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ];

  test.each(answers)("%j with key %j", (counter, key, words) => {
    // The kernel's block is an element's index / 4, below 2^29: these two stand for it where the vector's is above.
    expect(philox(counter, key)).toEqual(words);
    const out = new Uint32Array(4);
    libraryPhilox(out, { low: key[0], high: key[1] }, ...counter);
    expect([...out]).toEqual(words);
  });

  test("the kernel gives the first", () => {
    const { memory, kernels } = debug;
    memory.reset();
    const y = memory.place(4);
    kernels.philox(y, 0, 0, 0, 0, 0, 0, 4);
    expect([...memory.bits(y, 4)]).toEqual(answers[0]![2]);
  });
});

/** Counters and keys with all bits in use; the kernels take them as signed words. */
const draws: { key: Key; step: number; attempt: number; stream: number }[] = [
  { key: [0, 0], step: 0, attempt: 0, stream: 0 },
  { key: [0xa4093822, 0x299f31d0], step: 0x85a308d3, attempt: 0x13198a2e, stream: 0x83707344 },
  { key: [0xffffffff, 0x1fffff], step: 0xffffffff, attempt: 1, stream: 0x80000001 },
];

/** The block of each element, for `length` elements. */
function blocks(length: number, draw: (block: number) => Words | number[]): number[] {
  return Array.from({ length: Math.ceil(length / 4) }, (_, block) => draw(block))
    .flat()
    .slice(0, length);
}

const lengths = [1, 3, 4, 5, 16, 103];

test("philox fills any range of elements", () => {
  const cases = draws.flatMap(({ key, step, attempt, stream }) =>
    lengths.map((extent): KernelCase => {
      const words = blocks(extent, (block) => philox([block, step, attempt, stream], key));
      return {
        label: `philox ${JSON.stringify({ key, step, attempt, stream })}`,
        inputs: [],
        outputs: [extent],
        extent,
        run: (_, [y], _inputs, ...range) => debug.kernels.philox(y!, ...key, step, attempt, stream, ...range),
        // Compared as the floats the words spell: some are NaN, which any NaN matches, so the bits are compared below
        // too.
        expected: [{ values: new Float32Array(Uint32Array.from(words).buffer) }],
      };
    }),
  );
  checkKernels(debug.memory, cases);
  const { memory, kernels } = debug;
  const { key, step, attempt, stream } = draws[1]!;
  memory.reset();
  const y = memory.place(4000);
  kernels.philox(y, ...key, step, attempt, stream, 0, 4000);
  expect([...memory.bits(y, 4000)]).toEqual(blocks(4000, (block) => philox([block, step, attempt, stream], key)));
});

/** Box and Muller on a block, in float64. */
function normalBlock(block: number, key: Key, step: number, attempt: number, stream: number): number[] {
  const words = philox([block, step, attempt, stream], key);
  return [0, 2].flatMap((i) => {
    const radius = Math.sqrt(-2 * Math.log(((words[i]! >>> 8) + 1) / 2 ** 24));
    const angle = 2 * Math.PI * ((words[i + 1]! >>> 8) / 2 ** 24);
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
}

/** ln and its root 1 ulp, the sine 2, the product half: within 4 ulp, and 2^-50 for the reference's own zeros. */
const boundsOf = (values: number[]): number[] => values.map((value) => 4 * 2 ** -23 * Math.abs(value) + 2 ** -50);

test("normal", () => {
  const cases = draws.flatMap(({ key, step, stream }) =>
    lengths.map((extent): KernelCase => {
      const values = blocks(extent, (block) => normalBlock(block, key, step, 0, stream));
      return {
        label: `normal ${JSON.stringify({ key, step, stream })}`,
        inputs: [],
        outputs: [extent],
        extent,
        run: (k, [y], _, ...range) => k.normal(y!, ...key, step, stream, ...range),
        expected: [{ values, bound: boundsOf(values) }],
      };
    }),
  );
  checkKernels(memory, cases);
});

test("truncatedNormal draws what is beyond 2 again, at its place in the next attempt", () => {
  let redrawn = 0;
  const cases = draws.flatMap(({ key, step, stream }) =>
    lengths.map((extent): KernelCase => {
      const values = blocks(extent, (block) =>
        [0, 1, 2, 3].map((lane) => {
          for (let attempt = 0; ; attempt++) {
            const value = normalBlock(block, key, step, attempt, stream)[lane]!;
            if (Math.abs(value) <= 2) return 0.02 * value;
            redrawn++;
          }
        }),
      );
      return {
        label: `truncatedNormal ${JSON.stringify({ key, step, stream })}`,
        inputs: [],
        outputs: [extent],
        extent,
        run: (k, [y], _, ...range) => k.truncatedNormal(y!, ...key, step, stream, 0.02, ...range),
        expected: [{ values, bound: boundsOf(values) }],
      };
    }),
  );
  checkKernels(memory, cases);
  expect(redrawn).toBeGreaterThan(10);
});

test("moments of a hundred thousand: normal 0, 1, 3; truncated 0 and 0.7737, never beyond 2", () => {
  memory.reset();
  const count = 100_000;
  const y = memory.place(count);
  const mean = (power: number): number =>
    memory.floats(y, count).reduce((sum, value) => sum + value ** power / count, 0);
  memory.kernels.normal(y, 7, 0, 1, 2, 0, count);
  expect(Math.abs(mean(1))).toBeLessThan(5 / Math.sqrt(count));
  expect(Math.abs(mean(2) - 1)).toBeLessThan(5 * Math.sqrt(2 / count));
  expect(Math.abs(mean(4) - 3)).toBeLessThan(5 * Math.sqrt(96 / count));
  memory.kernels.truncatedNormal(y, 7, 0, 1, 2, 1, 0, count);
  // 1 - 2·2φ(2) / (2Φ(2) - 1), the variance between -2 and 2.
  expect(Math.abs(mean(1))).toBeLessThan(5 / Math.sqrt(count));
  expect(Math.abs(mean(2) - 0.77374)).toBeLessThan(5 / Math.sqrt(count));
  expect(memory.floats(y, count).every((value) => Math.abs(value) <= 2)).toBe(true);
});
