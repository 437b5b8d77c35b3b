/** Up to this many threads every number is tried; of more, only halves. */
const MOST_TRIED_ONE_BY_ONE = 8;

/** Numbers of threads worth measuring, up to `most`: all of few; of many, 1 and every doubling on the way to `most`. */
export function threadCounts(most: number): number[] {
  if (most <= MOST_TRIED_ONE_BY_ONE) return Array.from({ length: most }, (_, i) => i + 1);
  const counts = [most];
  while (counts[0]! > 1) counts.unshift(Math.floor(counts[0]! / 2));
  return counts;
}
