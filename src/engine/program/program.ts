import { BoundSteps, type KernelCall, type ThreadSteps } from "../runtime/kernel-calls.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { kernelIn, type Tiles } from "../runtime/tiles.ts";
import { Buffer } from "./buffer.ts";
import type { Call, Step } from "./emitter.ts";

/**
 * A compiled run: a flat list of steps. Its buffers lie in the arena, so the addresses are filled in for the arena's
 * base at hand, and again only after the base has moved.
 */
export class Program {
  readonly steps: readonly Step[];
  /** Where to write what is fed, by placeholder name. */
  readonly feeds: ReadonlyMap<string, Buffer>;
  /** Where to read what is fetched, in the order of the fetches. */
  readonly fetches: readonly Buffer[];
  readonly arenaBytes: number;
  /** For how many threads its memory was planned. */
  readonly threads: number;
  #tiles: Tiles = "plain";
  #bound: BoundSteps | undefined;
  #boundBase = -1;

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

  /** The tiles its products are computed in; others change no bit. Threads that hold the program must load it anew. */
  get tiles(): Tiles {
    return this.#tiles;
  }

  set tiles(tiles: Tiles) {
    this.#tiles = tiles;
    this.#bound = undefined;
  }

  /** Makes all calls in order, each over its whole range, on this thread alone. */
  run(kernels: Kernels, arenaBase: number): void {
    if (this.#bound === undefined || this.#boundBase !== arenaBase) {
      this.#bound = new BoundSteps(this.#linked(0, 1, arenaBase), kernels);
      this.#boundBase = arenaBase;
    }
    this.#bound.run();
  }

  /** One thread's part where all of them run: a share of every range, and of every section's tasks. */
  stepsOf(thread: number, arenaBase: number): ThreadSteps {
    return this.#linked(thread, this.threads, arenaBase);
  }

  #linked(thread: number, threads: number, arenaBase: number): ThreadSteps {
    const shareOf = (extent: number): readonly [begin: number, end: number] => [
      Math.floor((extent * thread) / threads),
      Math.floor((extent * (thread + 1)) / threads),
    ];
    const linked = ({ kernel, args }: Call, begin: number, end: number): KernelCall => ({
      kernel: kernelIn(this.#tiles, kernel),
      args: [...args.map((arg) => (arg instanceof Buffer ? arg.addressIn(arenaBase, thread) : arg)), begin, end],
    });
    return this.steps.map((step) => {
      if ("tasks" in step) {
        const mine = step.tasks.slice(...shareOf(step.tasks.length));
        return mine.flat().map((call) => linked(call, 0, call.extent));
      }
      const [begin, end] = shareOf(step.extent);
      return begin < end ? [linked(step, begin, end)] : [];
    });
  }
}
