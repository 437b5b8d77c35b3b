// Where Winograd's kernels keep a tile's values, by the words of assembly/winograd/planes.ts.
import type { MinimalFilter, Tile } from "../support/reference/winograd.ts";

/** The planes of a chunk's tiles, one for each pair of a row's point i and a column's point j. */
export class Planes {
  readonly size: number;
  readonly #common: number;
  readonly #places: Map<Tile, number>;
  readonly #planes: Map<number, number>;

  constructor(f: MinimalFilter, tiles: readonly Tile[] = []) {
    this.size = f.input.length;
    this.#common = f.tail?.input.length ?? this.size;
    const pairs = Array.from({ length: this.size ** 2 }, (_, pair) => pair);
    pairs.sort(
      by(
        (pair) => this.#group(pair),
        (pair) => pair % this.size,
      ),
    );
    this.#planes = new Map(pairs.map((pair, plane) => [pair, plane]));
    const byNumber = [...tiles].sort(by((tile) => this.#order(tile)));
    this.#places = new Map(byNumber.map((tile, number) => [tile, number]));
  }

  /** Of all planes, which one holds the values at (i, j). */
  plane(i: number, j: number): number {
    return this.#planes.get(i * this.size + j)!;
  }

  /** Which line of its planes is a tile's. */
  number(tile: Tile): number {
    return this.#places.get(tile)!;
  }

  /** The tiles that have values at (i, j), by their numbers. */
  tilesAt(i: number, j: number): Tile[] {
    return [...this.#places.keys()].filter(({ down, across }) => i < down.input.length && j < across.input.length);
  }

  /** Which group a pair is in: whether its points are among those of a tail. */
  #group(pair: number): number {
    return Number(Math.floor(pair / this.size) >= this.#common) * 2 + Number(pair % this.size >= this.#common);
  }

  /** The tail column first, then tiles that are no tails, the tail row, the corner. */
  #order({ down, across }: Tile): number {
    const [tailRow, tailColumn] = [down.input.length < this.size, across.input.length < this.size];
    if (tailRow) return tailColumn ? 3 : 2;
    return tailColumn ? 0 : 1;
  }
}

/** Ascending by the first key that differs. */
function by<T>(...keys: ((item: T) => number)[]): (a: T, b: T) => number {
  return (a, b) => keys.reduce((order, key) => order || key(a) - key(b), 0);
}
