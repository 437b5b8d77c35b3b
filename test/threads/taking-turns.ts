import { BoundSteps, type ThreadSteps } from "../../src/engine/runtime/kernel-calls.ts";
import type { Kernels } from "../../src/engine/runtime/kernels.ts";
import type { Memory } from "../../src/engine/runtime/memory.ts";
import type { Pool, SplitProgram } from "../../src/engine/runtime/threads/pool.ts";

/**
 * One thread plays several: in each step it makes one call of each in turn, the last thread's first. The arena is
 * filled with NaN before each run. So a thread reads NaN if it needs another thread's part of the same step. If threads
 * share scratch memory that each should have for itself, a thread finds it overwritten.
 */
export class TakingTurns implements Pool {
  readonly threads: number;
  /** Every kernel of the given programs. */
  readonly loaded: Set<keyof Kernels> = new Set();
  readonly #kernels: Kernels;
  #parts: readonly ThreadSteps[] = [];

  constructor(kernels: Kernels, threads: number) {
    this.#kernels = kernels;
    this.threads = threads;
  }

  load(program: SplitProgram, memory: Memory): void {
    memory.floats.fill(NaN, memory.arenaBase / Float32Array.BYTES_PER_ELEMENT);
    this.#parts = Array.from({ length: this.threads }, (_, thread) => program.stepsOf(thread, memory.arenaBase));
    for (const { kernel } of this.#parts.flat(2)) this.loaded.add(kernel);
  }

  run(): void {
    const lastFirst = this.#parts.toReversed();
    this.#parts[0]!.forEach((_, step) => {
      const most = Math.max(...lastFirst.map((part) => part[step]!.length));
      for (let turn = 0; turn < most; turn++) {
        for (const part of lastFirst) new BoundSteps([part[step]!.slice(turn, turn + 1)], this.#kernels).run();
      }
    });
  }

  forget(): void {
    this.#parts = [];
  }

  check(): void {
    return undefined;
  }

  stop(): void {
    return undefined;
  }
}
