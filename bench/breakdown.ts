import type { KernelName } from "../src/engine/program/emitter.ts";
import { ganModel } from "../src/gan/model.ts";
import { recipes } from "../src/gan/recipes.ts";
import { instantiateKernels, type KernelInstance, type Kernels } from "../src/engine/runtime/kernels.ts";
import type { Tiles } from "../src/engine/runtime/tiles.ts";
import { Session } from "../src/engine/session/session.ts";
import { processorTime } from "./clock.ts";
import { uniform } from "./noise.ts";
import { BATCH } from "./shapes.ts";
import { flopsOf } from "./traffic.ts";

const SEED = 7;
const Z_DIM = 100;

/** What one kernel did in one iteration. */
export interface Share {
  readonly calls: number;
  readonly ms: number;
  /** Multiplications and additions, where they are the limit. */
  readonly flops: number;
}

/** Where the time of one iteration went: each kernel's calls, timed where they are made in the program. */
export interface Breakdown {
  /** The fastest iteration without clocks, to which the kernels have to add up. */
  readonly wholeMs: number;
  /** All kernels of the fastest iteration with clocks. Feeding, fetching and JavaScript are not in it. */
  readonly kernelsMs: number;
  /** By kernel, the largest first. */
  readonly kernels: Readonly<Partial<Record<KernelName, Share>>>;
}

/** Trains for some iterations without clocks, and as many with a clock around every kernel call; the two alternate. */
export async function breakDown(
  iterations: number,
  batchSize: number = BATCH,
  tiles: Tiles = "plain",
): Promise<Breakdown> {
  const instance = await instantiateKernels();
  const watch = new Watch(instance);
  const { iterate, dispose } = ganOn({ ...instance, kernels: watch.kernels }, batchSize, tiles);
  let wholeMs = Infinity;
  let shares: ReadonlyMap<KernelName, Share> = new Map();
  for (let i = 0; i < iterations; i++) {
    const start = processorTime();
    iterate();
    wholeMs = Math.min(wholeMs, processorTime() - start);
    const found = watch.during(iterate);
    if (i === 0 || together(found) < together(shares)) shares = found;
  }
  dispose();
  const largestFirst = [...shares].sort(([, a], [, b]) => b.ms - a.ms);
  return { wholeMs, kernelsMs: together(shares), kernels: Object.fromEntries(largestFirst) };
}

/** The GAN's two training steps on kernels of ours, as createGan runs them. */
function ganOn(
  instance: KernelInstance,
  batchSize: number,
  tiles: Tiles,
): { iterate: () => void; dispose: () => void } {
  const { graph, losses, trainers } = ganModel(Z_DIM, recipes.balanced);
  const session = new Session(graph, instance, { seed: SEED, rewrites: {}, tiles });
  const images = uniform(new Float32Array(batchSize * 28 * 28));
  const z = uniform(new Float32Array(batchSize * Z_DIM));
  const { dLossReal, dLossFake, gLoss } = losses;
  const iterate = (): void => {
    session.run({ dLossReal, dLossFake, update: trainers.dTrainer }, { images, z });
    session.run({ gLoss, update: trainers.gTrainer }, { z });
  };
  return { iterate, dispose: () => session.dispose() };
}

function together(shares: ReadonlyMap<KernelName, Share>): number {
  return [...shares.values()].reduce((sum, { ms }) => sum + ms, 0);
}

/** Kernels that note how long they run, when asked to. */
class Watch {
  readonly kernels: Kernels;
  readonly #memory: WebAssembly.Memory;
  readonly #clockMs = clockCost();
  #words = new Int32Array();
  #shares: Map<KernelName, Share> | undefined;

  constructor({ kernels, memory }: KernelInstance) {
    this.#memory = memory;
    const names = Object.keys(kernels) as KernelName[];
    const watched = names.map((name) => [name, this.#watched(name, kernels[name])]);
    this.kernels = Object.fromEntries(watched) as Kernels;
  }

  /** What each kernel did while `run` ran. */
  during(run: () => void): ReadonlyMap<KernelName, Share> {
    const shares = (this.#shares = new Map<KernelName, Share>());
    this.#words = new Int32Array(this.#memory.buffer);
    run();
    this.#shares = undefined;
    return new Map([...shares].map(([kernel, share]) => [kernel, this.#withoutClock(share)]));
  }

  #withoutClock({ calls, ms, flops }: Share): Share {
    return { calls, ms: Math.max(0, ms - calls * this.#clockMs), flops };
  }

  #watched(kernel: KernelName, run: (...args: number[]) => void): (...args: number[]) => void {
    return (...args) => {
      if (this.#shares === undefined) {
        run(...args);
        return;
      }
      const start = processorTime();
      run(...args);
      const took = processorTime() - start;
      const { calls, ms, flops } = this.#shares.get(kernel) ?? { calls: 0, ms: 0, flops: 0 };
      const more = flopsOf({ kernel, args }, this.#words) ?? 0;
      this.#shares.set(kernel, { calls: calls + 1, ms: ms + took, flops: flops + more });
    };
  }
}

/** The time between two readings of the clock in a row. It is a part of every call's time and not the kernel's. */
function clockCost(): number {
  const readings = 10_000;
  const start = processorTime();
  for (let i = 0; i < readings; i++) processorTime();
  return (processorTime() - start) / readings;
}
