// The division of work into pieces. It does not depend on the number of threads, because sums over pieces are part of
// the numerics.

/** Rows or images that follow each other: [first, first + count). */
export interface Span {
  readonly first: number;
  readonly count: number;
}

/** Number of parts of a sum over all of a batch; up to this many threads can share in it. */
const MOST_PARTS = 4;

/**
 * [0, total) in spans of about `most` or less, of nearly equal length. There are four, eight, … of them, so that
 * threads get equal shares. Each but the last is a multiple of `unit`, so that kernels that take `unit` rows at a time
 * have none left over.
 */
export function spansOf(total: number, most: number, unit = 1): Span[] {
  const needed = Math.ceil(total / most);
  return equalSpans(total, needed === 1 ? 1 : MOST_PARTS * Math.ceil(needed / MOST_PARTS), unit);
}

/** [0, total) in this many spans of about one length, or in fewer of one unit. */
export function equalSpans(total: number, wanted: number, unit = 1): Span[] {
  const units = Math.ceil(total / unit);
  const count = Math.min(units, wanted);
  const start = (i: number): number => Math.min(total, unit * Math.floor((i * units) / count));
  return Array.from({ length: count }, (_, i) => ({ first: start(i), count: start(i + 1) - start(i) }));
}

/** The list in at most four parts of neighbours, for sums whose parts are added in order. */
export function partsOf<T>(list: readonly T[]): (readonly T[])[] {
  const parts = Math.min(MOST_PARTS, list.length);
  const start = (part: number): number => Math.floor((part * list.length) / parts);
  return Array.from({ length: parts }, (_, part) => list.slice(start(part), start(part + 1)));
}
