import type { KernelName } from "../src/compile/core/emitter.ts";
import { instantiateKernels } from "../src/runtime/kernels.ts";

/** The kernel that measures the limit. */
export const LIMIT_KERNEL: KernelName = "multiplyAddLoop";

/** Flops of one round (assembly/bench/multiply-add-loop.ts). */
const FLOPS_PER_ROUND = 240;

/** About 20 µs: short enough to fit between two interruptions of a busy machine, so the wall's clock will do. */
const ROUNDS = 4000;

const LOOPS_PER_SAMPLE = 4;
const WARM_UP_MS = 300;

/** Below here a session keeps nothing (src/runtime/memory.ts). */
const ADDRESS = 512;

/** The machine's limit: multiplications and additions on registers only. Sampled between the samples of what is timed. */
export class MachineLimit {
  readonly #loop: () => void;
  #fastest = Infinity;
  #fastestEver = Infinity;

  private constructor(loop: () => void) {
    this.#loop = loop;
  }

  /** Ready and warm. */
  static async create(): Promise<MachineLimit> {
    const { kernels, memory } = await instantiateKernels();
    const x = new Float32Array(memory.buffer, ADDRESS, 4);
    const limit = new MachineLimit(() => {
      x.fill(0.5);
      kernels.multiplyAddLoop(ADDRESS, ROUNDS, 0, 1);
    });
    const start = performance.now();
    while (performance.now() - start < WARM_UP_MS) limit.sample();
    return limit;
  }

  /** Runs the loop a few times. */
  sample(): void {
    for (let i = 0; i < LOOPS_PER_SAMPLE; i++) {
      const start = performance.now();
      this.#loop();
      this.#fastest = Math.min(this.#fastest, performance.now() - start);
    }
  }

  /** GFLOP/s of the fastest loop since the last call, for comparing with what was timed meanwhile. */
  take(): number {
    const fastest = this.#fastest;
    this.#fastest = Infinity;
    this.#fastestEver = Math.min(this.#fastestEver, fastest);
    return gigaflops(fastest);
  }

  /** GFLOP/s of the fastest loop of all that were taken. */
  get best(): number {
    return gigaflops(this.#fastestEver);
  }
}

function gigaflops(milliseconds: number): number {
  return (FLOPS_PER_ROUND * ROUNDS) / (milliseconds * 1e6);
}
