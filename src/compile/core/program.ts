import type { Kernels } from "../../runtime/kernels.ts";
import { Buffer } from "./buffer.ts";
import type { Call, KernelName } from "./emitter.ts";

type Kernel = (...args: readonly number[]) => void;

/** A kernel call with its addresses filled in: the arguments end with the range. */
interface LinkedCall {
  readonly kernel: Kernel;
  readonly args: readonly number[];
}

/**
 * A compiled run: a flat list of kernel calls. Its buffers lie in the arena, so the addresses are filled in for the
 * arena's base at hand, and again only after the base has moved.
 */
export class Program {
  readonly calls: readonly Call[];
  /** Where to write what is fed, by placeholder name. */
  readonly feeds: ReadonlyMap<string, Buffer>;
  /** Where to read what is fetched, in the order of the fetches. */
  readonly fetches: readonly Buffer[];
  readonly arenaBytes: number;
  #linked: readonly LinkedCall[] = [];
  #linkedBase = -1;

  constructor(
    calls: readonly Call[],
    feeds: ReadonlyMap<string, Buffer>,
    fetches: readonly Buffer[],
    arenaBytes: number,
  ) {
    this.calls = calls;
    this.feeds = feeds;
    this.fetches = fetches;
    this.arenaBytes = arenaBytes;
  }

  /** Calls the kernels in order, each over its whole range. */
  run(kernels: Kernels, arenaBase: number): void {
    if (this.#linkedBase !== arenaBase) this.#link(kernels, arenaBase);
    for (const { kernel, args } of this.#linked) kernel(...args);
  }

  #link(kernels: Kernels, arenaBase: number): void {
    const address = (arg: number | Buffer): number => (arg instanceof Buffer ? arg.addressIn(arenaBase) : arg);
    this.#linked = this.calls.map(({ kernel, args, extent }) => ({
      kernel: kernelOf(kernels, kernel),
      args: [...args.map(address), 0, extent],
    }));
    this.#linkedBase = arenaBase;
  }
}

function kernelOf(kernels: Kernels, name: KernelName): Kernel {
  return kernels[name];
}
