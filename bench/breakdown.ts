import type { KernelName } from "../src/compile/core/emitter.ts";
import { ganModel } from "../src/gan/model.ts";
import { recipes } from "../src/gan/recipes.ts";
import { instantiateKernels, type Kernels } from "../src/runtime/kernels.ts";
import { Session } from "../src/session/session.ts";
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

/** Where the time of one iteration went: its fastest of several. */
export interface Breakdown {
  readonly totalMs: number;
  /** By kernel, the largest first. */
  readonly kernels: Readonly<Partial<Record<KernelName, Share>>>;
  /** What is left: feeding, fetching, JavaScript. */
  readonly outsideMs: number;
}

/** Trains for some iterations with a clock around every kernel call. */
export async function breakDown(iterations: number): Promise<Breakdown> {
  const { graph, losses, trainers } = ganModel(Z_DIM, recipes.balanced);
  const { kernels, memory } = await instantiateKernels();
  const watch = new Watch(kernels);
  const session = new Session(graph, { kernels: watch.kernels, memory }, { seed: SEED, rewrites: {} });
  const [images, z] = [uniform(new Float32Array(BATCH * 28 * 28)), uniform(new Float32Array(BATCH * Z_DIM))];
  const { dLossReal, dLossFake, gLoss } = losses;
  let fastest: Breakdown | undefined;
  for (let i = 0; i < iterations; i++) {
    watch.reset();
    const start = processorTime();
    session.run({ dLossReal, dLossFake, update: trainers.dTrainer }, { images, z });
    session.run({ gLoss, update: trainers.gTrainer }, { z });
    const totalMs = processorTime() - start;
    if (fastest === undefined || totalMs < fastest.totalMs) fastest = watch.breakdown(totalMs);
  }
  session.dispose();
  return fastest!;
}

/** Kernels that note how long they run. */
class Watch {
  readonly kernels: Kernels;
  readonly #shares = new Map<KernelName, Share>();

  constructor(kernels: Kernels) {
    const names = Object.keys(kernels) as KernelName[];
    const watched = names.map((name) => [name, this.#watched(name, kernels[name])]);
    this.kernels = Object.fromEntries(watched) as Kernels;
  }

  reset(): void {
    this.#shares.clear();
  }

  breakdown(totalMs: number): Breakdown {
    const shares = [...this.#shares].sort(([, a], [, b]) => b.ms - a.ms);
    const outsideMs = shares.reduce((left, [, { ms }]) => left - ms, totalMs);
    return { totalMs, kernels: Object.fromEntries(shares), outsideMs };
  }

  #watched(kernel: KernelName, run: (...args: number[]) => void): (...args: number[]) => void {
    return (...args) => {
      const start = processorTime();
      run(...args);
      const took = processorTime() - start;
      const { calls, ms, flops } = this.#shares.get(kernel) ?? { calls: 0, ms: 0, flops: 0 };
      this.#shares.set(kernel, { calls: calls + 1, ms: ms + took, flops: flops + (flopsOf({ kernel, args }) ?? 0) });
    };
  }
}
