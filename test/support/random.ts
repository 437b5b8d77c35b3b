/**
 * Numbers in [0, 1), the same for the same seed (mulberry32,
 * https://gist.github.com/tommyettinger/46a874533244883189143505d203312c).
 */
export function randomSource(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** An integer from 0 to below n. */
export function below(random: () => number, n: number): number {
  return Math.floor(random() * n);
}

/** The numbers 0 … n−1 in random order. */
export function permutation(random: () => number, n: number): number[] {
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = below(random, i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/**
 * Random values of which no two lie close: one in the middle of each of n equal parts of the interval, in random order.
 * So no maximum ties, and a finite difference changes no order.
 */
export function apartValues(random: () => number, n: number, [low, high]: readonly [number, number]): Float32Array {
  const width = (high - low) / n;
  return Float32Array.from(permutation(random, n), (part) => low + (part + 0.25 + random() / 2) * width);
}
