import type { KernelName } from "../src/compile/core/emitter.ts";
import { ganModel } from "../src/gan/model.ts";
import { recipes } from "../src/gan/recipes.ts";
import { instantiateKernels, type Kernels } from "../src/runtime/kernels.ts";
import { Session } from "../src/session/session.ts";
import { processorTime } from "./clock.ts";
import { uniform } from "./noise.ts";
import { BATCH } from "./shapes.ts";

const SEED = 7;
const Z_DIM = 100;

/** What one kernel did in one iteration. */
export interface Share {
  readonly calls: number;
  readonly ms: number;
  /** Of gemm. */
  readonly gflops?: number;
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
  readonly #tally = new Map<KernelName, { calls: number; ms: number }>();
  #gemmFlops = 0;

  constructor(kernels: Kernels) {
    const names = Object.keys(kernels) as KernelName[];
    this.kernels = Object.fromEntries(
      names.map((name) => [name, this.#watched(name, kernels[name])]),
    ) as unknown as Kernels;
  }

  reset(): void {
    this.#tally.clear();
    this.#gemmFlops = 0;
  }

  breakdown(totalMs: number): Breakdown {
    const shares = [...this.#tally].sort(([, a], [, b]) => b.ms - a.ms);
    const gflops = (ms: number): number => this.#gemmFlops / (ms * 1e6);
    return {
      totalMs,
      kernels: Object.fromEntries(
        shares.map(([name, share]) => [name, name === "gemm" ? { ...share, gflops: gflops(share.ms) } : { ...share }]),
      ),
      outsideMs: shares.reduce((left, [, { ms }]) => left - ms, totalMs),
    };
  }

  #watched(name: KernelName, kernel: (...args: number[]) => void): (...args: number[]) => void {
    return (...args) => {
      const start = processorTime();
      kernel(...args);
      const share = this.#tally.get(name) ?? { calls: 0, ms: 0 };
      share.ms += processorTime() - start;
      share.calls++;
      this.#tally.set(name, share);
      if (name === "gemm") this.#gemmFlops += 2 * args[3]! * args[4]! * args[5]!;
    };
  }
}
