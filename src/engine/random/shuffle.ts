import type { RandomWords } from "./words.ts";

/**
 * The integers 0 … count−1 in random order, by Fisher and Yates: from the last place down, place i is exchanged with
 * one of the places 0 … i, drawn from word i. Every order is equally likely.
 * Source: Durstenfeld, "Algorithm 235: random permutation", CACM 7, 1964.
 */
export function shuffledIndices(count: number, words: RandomWords): Uint32Array {
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  for (let i = count - 1; i > 0; i--) {
    const other = words.below(i, i + 1);
    const kept = order[i]!;
    order[i] = order[other]!;
    order[other] = kept;
  }
  return order;
}
