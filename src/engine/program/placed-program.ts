import { BoundSteps, type KernelCall, type ThreadSteps } from "../runtime/kernel-calls.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { kernelIn, type Tiles } from "../runtime/tiles.ts";
import { Buffer, type Storage } from "./buffer.ts";
import type { Call } from "./emitter.ts";
import type { Program } from "./program.ts";
import type { AddressOf } from "./resident.ts";

/**
 * A program in a memory. Its residents have their addresses. The addresses in the arena are filled in for the arena's
 * present base, and again only after the base has moved.
 */
export class PlacedProgram {
  readonly program: Program;
  readonly #addresses: ReadonlyMap<Storage, number>;
  #tiles: Tiles = "plain";
  #bound: BoundSteps | undefined;
  #boundBase = -1;

  /** Asks for the address of every resident, once for each storage. */
  constructor(program: Program, addressOf: AddressOf) {
    this.program = program;
    this.#addresses = new Map([...program.residents].map((storage) => [storage, addressOf(storage.resident!)]));
  }

  /** The tiles of its products. Other tiles change no bit. Threads that hold the program must load it anew. */
  get tiles(): Tiles {
    return this.#tiles;
  }

  set tiles(tiles: Tiles) {
    this.#tiles = tiles;
    this.#bound = undefined;
  }

  /** A buffer's byte address for an arena that starts at `arenaBase`, as this thread sees it. */
  addressOf({ storage, offset }: Buffer, arenaBase: number, thread = 0): number {
    const start = this.#addresses.get(storage) ?? arenaBase + storage.arenaOffset;
    return start + thread * storage.threadStride + offset * Float32Array.BYTES_PER_ELEMENT;
  }

  /** Makes all calls in order, each over its whole range, on this thread alone. */
  run(kernels: Kernels, arenaBase: number): void {
    if (this.#bound === undefined || this.#boundBase !== arenaBase) {
      this.#bound = new BoundSteps(this.#linked(0, 1, arenaBase), kernels);
      this.#boundBase = arenaBase;
    }
    this.#bound.run();
  }

  /** One thread's part if all threads run: a share of every range, and of every section's tasks. */
  stepsOf(thread: number, arenaBase: number): ThreadSteps {
    return this.#linked(thread, this.program.threads, arenaBase);
  }

  #linked(thread: number, threads: number, arenaBase: number): ThreadSteps {
    const shareOf = (extent: number): readonly [begin: number, end: number] => [
      Math.floor((extent * thread) / threads),
      Math.floor((extent * (thread + 1)) / threads),
    ];
    const linked = ({ kernel, args }: Call, begin: number, end: number): KernelCall => ({
      kernel: kernelIn(this.#tiles, kernel),
      args: [...args.map((arg) => (arg instanceof Buffer ? this.addressOf(arg, arenaBase, thread) : arg)), begin, end],
    });
    return this.program.steps.map((step) => {
      if ("tasks" in step) {
        const mine = step.tasks.slice(...shareOf(step.tasks.length));
        return mine.flat().map((call) => linked(call, 0, call.extent));
      }
      const [begin, end] = shareOf(step.extent);
      return begin < end ? [linked(step, begin, end)] : [];
    });
  }
}
