/** If at most this many threads may run, every number is tried; with more, only halves of the most. */
const MOST_TRIED_ONE_BY_ONE = 8;

/** Numbers of threads to measure, up to `most`: all of them if they are few; else 1, and the doublings up to `most`. */
export function threadCounts(most: number): number[] {
  if (most <= MOST_TRIED_ONE_BY_ONE) return Array.from({ length: most }, (_, i) => i + 1);
  const counts = [most];
  while (counts[0]! > 1) counts.unshift(Math.floor(counts[0]! / 2));
  return counts;
}
