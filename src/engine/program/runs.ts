/** The taken numbers of a line, as runs from start to below end: ascending, with free numbers between any two. */
export class Runs {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  /** Takes the numbers from start to below end. */
  add(start: number, end: number): void {
    const first = this.#firstThatReaches(start);
    let past = first;
    while (past < this.#starts.length && this.#starts[past]! <= end) past++;
    const [low, high] = first === past ? [start, end] : [this.#starts[first]!, this.#ends[past - 1]!];
    this.#starts.splice(first, past - first, Math.min(start, low));
    this.#ends.splice(first, past - first, Math.max(end, high));
  }

  /** The lowest number, not below `from`, at which this many free numbers begin. */
  lowestFree(from: number, count: number): number {
    let lowest = from;
    for (let i = this.#firstThatReaches(from + 1); i < this.#starts.length; i++) {
      if (lowest + count <= this.#starts[i]!) break;
      lowest = this.#ends[i]!;
    }
    return lowest;
  }

  /** Index of the first run that does not end below this number. */
  #firstThatReaches(number: number): number {
    let [low, high] = [0, this.#ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ends[middle]! < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
