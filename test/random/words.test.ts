import { describe, expect, it } from "vitest";
import { philox, philoxKey } from "../../src/engine/random/philox.ts";
import { shuffledIndices } from "../../src/engine/random/shuffle.ts";
import { RandomWords } from "../../src/engine/random/words.ts";

const KEY = philoxKey(2024);

describe("RandomWords", () => {
  it("numbers the four words of every block, in whatever order they are read", () => {
    const words = new RandomWords(KEY, 6, 3);
    const block = new Uint32Array(4);
    for (const index of [0, 9, 2, 4_000_000_003, 2, 1]) {
      philox(block, KEY, Math.floor(index / 4), 3, 0, 6);
      expect(words.word(index)).toBe(block[index % 4]);
      expect(words.uniform(index)).toBe(block[index % 4]! / 2 ** 32);
    }
  });

  it("differs by seed, stream and step", () => {
    const first = [
      new RandomWords(KEY, 6, 3),
      new RandomWords(KEY, 7, 3),
      new RandomWords(KEY, 6, 4),
      new RandomWords(philoxKey(2025), 6, 3),
    ].map((words) => words.word(0));
    expect(new Set(first).size).toBe(4);
  });

  it("draws integers below a limit evenly", () => {
    const words = new RandomWords(KEY, 6, 0);
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 70_000; i++) counts[words.below(i, 7)]!++;
    // Standard deviation of each: sqrt(70,000 · 1/7 · 6/7) = 93.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(4 * 93);
  });

  it("draws a word that would favour small numbers again, from the next attempt", () => {
    // 3·2³⁰ is the largest multiple of itself below 2³², so a quarter of the words is rejected.
    const limit = 3 * 2 ** 30;
    const words = new RandomWords(KEY, 6, 0);
    const block = new Uint32Array(4);
    let rejected = 0;
    for (let index = 0; index < 400; index++) {
      let word = words.word(index);
      for (let attempt = 1; word >= limit; attempt++, rejected++) {
        philox(block, KEY, Math.floor(index / 4), 0, attempt, 6);
        word = block[index % 4]!;
      }
      expect(words.below(index, limit)).toBe(word);
    }
    expect(rejected).toBeGreaterThan(60);
  });

  it("draws below 1 and below 2³²", () => {
    const words = new RandomWords(KEY, 6, 0);
    expect(words.below(0, 1)).toBe(0);
    expect(words.below(5, 2 ** 32)).toBe(words.word(5));
  });
});

describe("shuffledIndices", () => {
  it("holds every index once", () => {
    const order = shuffledIndices(1000, new RandomWords(KEY, 6, 1));
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  });

  it("gives every order of four the same chance", () => {
    const counts = new Map<string, number>();
    for (let step = 0; step < 24_000; step++) {
      const order = shuffledIndices(4, new RandomWords(KEY, 6, step)).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    // χ² with 23 degrees of freedom is below 49.7 in 999 of 1,000 cases.
    let chiSquared = 0;
    for (const count of counts.values()) chiSquared += (count - 1000) ** 2 / 1000;
    expect(chiSquared).toBeLessThan(49.7);
  });
});
