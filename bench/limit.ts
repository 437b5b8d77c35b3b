import type { KernelName } from "../src/engine/program/emitter.ts";
import { limitLoop, type LimitLoop } from "../src/engine/runtime/limit-loop.ts";

/** The kernel that measures the limit. */
export const LIMIT_KERNEL: KernelName = "multiplyAddLoop";

const LOOPS_PER_SAMPLE = 4;
const WARM_UP_MS = 300;

/**
 * The machine's limit: multiplications and additions on registers only. It is sampled between the samples of the
 * subject.
 */
export class MachineLimit {
  readonly #loop: LimitLoop;
  #fastest = Infinity;
  #fastestEver = Infinity;

  private constructor(loop: LimitLoop) {
    this.#loop = loop;
  }

  /** Ready and warm. */
  static async create(): Promise<MachineLimit> {
    const limit = new MachineLimit(await limitLoop());
    const start = performance.now();
    while (performance.now() - start < WARM_UP_MS) limit.sample();
    return limit;
  }

  /** Runs the loop a few times. */
  sample(): void {
    for (let i = 0; i < LOOPS_PER_SAMPLE; i++) {
      const start = performance.now();
      this.#loop.run();
      this.#fastest = Math.min(this.#fastest, performance.now() - start);
    }
  }

  /** GFLOP/s of the fastest loop since the last call, to be compared with what was timed in between. */
  take(): number {
    const fastest = this.#fastest;
    this.#fastest = Infinity;
    this.#fastestEver = Math.min(this.#fastestEver, fastest);
    return this.#gigaflops(fastest);
  }

  /** GFLOP/s of the fastest loop of all. */
  get best(): number {
    return this.#gigaflops(Math.min(this.#fastestEver, this.#fastest));
  }

  #gigaflops(milliseconds: number): number {
    return this.#loop.flops / (milliseconds * 1e6);
  }
}
