import { align } from "../runtime/memory.ts";
import type { Storage } from "./buffer.ts";
import { Runs } from "./runs.ts";

/**
 * Gives every storage of the arena an offset such that no two that are alive at the same step overlap. The largest
 * comes first, and each gets the lowest place that is free during its life ("greedy by size", Pisarchyk & Lee 2020,
 * https://arxiv.org/abs/2001.03288). Returns the arena's size in bytes.
 */
export function planMemory(storages: readonly Storage[]): number {
  const alive = storages.filter((storage) => storage.firstStep <= storage.lastStep);
  const steps = alive.flatMap(({ firstStep, lastStep }) => [firstStep, lastStep]).filter(Number.isFinite);
  const afterwards = steps.reduce((last, step) => Math.max(last, step), 0) + 1;
  const program = new Period(-1, afterwards);
  let arenaBytes = 0;
  for (const storage of alive.sort((a, b) => b.byteLength - a.byteLength)) {
    const life = [Math.min(storage.firstStep, afterwards), Math.min(storage.lastStep, afterwards)] as const;
    const bytes = align(storage.byteLength);
    const taken: Runs[] = [];
    program.listTaken(...life, taken);
    storage.arenaOffset = lowestFree(bytes, taken);
    program.take(storage.arenaOffset, storage.arenaOffset + bytes, ...life);
    arenaBytes = Math.max(arenaBytes, storage.arenaOffset + bytes);
  }
  return arenaBytes;
}

/** The lowest offset at which this many bytes are free in all of these. */
function lowestFree(bytes: number, taken: Runs[]): number {
  let offset = 0;
  for (let i = 0; i < taken.length; i++) {
    const runs = taken[i]!;
    const free = runs.lowestFree(offset, bytes);
    if (free === offset) continue;
    // The runs that are in the way here are likely to be so again. From now on they are asked first.
    [taken[i], taken[0]] = [taken[0]!, runs];
    offset = free;
    i = 0;
  }
  return offset;
}

/**
 * Some consecutive steps, and the parts of the arena that are taken then: a node of a segment tree (de Berg et al.,
 * Computational Geometry, 2008, ch. 10). A life consists of few such periods. Storages that live at the same time
 * mostly lie side by side, in few runs.
 */
class Period {
  readonly #first: number;
  readonly #last: number;
  /** The bytes taken by storages that live from the first step to the last. */
  readonly #throughout = new Runs();
  /** The bytes taken by these, and by storages that live at some of these steps, but not throughout a longer period. */
  readonly #sometime = new Runs();
  #halves: readonly [Period, Period] | undefined;

  constructor(first: number, last: number) {
    this.#first = first;
    this.#last = last;
  }

  /** Takes the bytes from start to below end during these steps. */
  take(start: number, end: number, first: number, last: number): void {
    if (last < this.#first || this.#last < first) return;
    this.#sometime.add(start, end);
    if (first <= this.#first && this.#last <= last) {
      this.#throughout.add(start, end);
      return;
    }
    const middle = Math.floor((this.#first + this.#last) / 2);
    this.#halves ??= [new Period(this.#first, middle), new Period(middle + 1, this.#last)];
    this.#halves[0].take(start, end, first, last);
    this.#halves[1].take(start, end, first, last);
  }

  /** Lists the bytes taken at one of these steps or more. */
  listTaken(first: number, last: number, list: Runs[]): void {
    if (last < this.#first || this.#last < first) return;
    if (first <= this.#first && this.#last <= last) {
      list.push(this.#sometime);
      return;
    }
    list.push(this.#throughout);
    if (this.#halves === undefined) return;
    this.#halves[0].listTaken(first, last, list);
    this.#halves[1].listTaken(first, last, list);
  }
}
