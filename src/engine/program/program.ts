import { Buffer, type Storage } from "./buffer.ts";
import type { Call, Step } from "./emitter.ts";

/**
 * A compiled run as data: a flat list of steps, and the memory they need. It names its residents and gives everything
 * else an offset in the arena, so it can be made, printed and tested without a memory. PlacedProgram runs it.
 */
export class Program {
  readonly steps: readonly Step[];
  /** The buffers to write the feeds to, by placeholder name. */
  readonly feeds: ReadonlyMap<string, Buffer>;
  /** The buffers to read the fetches from, in the order of the fetches. */
  readonly fetches: readonly Buffer[];
  readonly arenaBytes: number;
  /** The number of threads for which its memory was planned. */
  readonly threads: number;

  constructor(
    steps: readonly Step[],
    feeds: ReadonlyMap<string, Buffer>,
    fetches: readonly Buffer[],
    arenaBytes: number,
    threads = 1,
  ) {
    this.steps = steps;
    this.feeds = feeds;
    this.fetches = fetches;
    this.arenaBytes = arenaBytes;
    this.threads = threads;
  }

  /** All kernel calls in the order in which one thread alone makes them. */
  get calls(): readonly Call[] {
    return this.steps.flatMap((step) => ("tasks" in step ? step.tasks.flat() : [step]));
  }

  /** The residents it needs: tables, variables, slots and scalars of optimizers. */
  get residents(): ReadonlySet<Storage> {
    const buffers = this.calls.flatMap(({ args }) => args.filter((arg) => arg instanceof Buffer));
    return new Set(buffers.map(({ storage }) => storage).filter(({ resident }) => resident !== undefined));
  }
}
