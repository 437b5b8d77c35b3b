import type { ThreadSteps } from "../kernel-calls.ts";
import type { Memory } from "../memory.ts";

/** A program that several threads run together: it gives each thread its part. */
export interface SplitProgram {
  stepsOf(thread: number, arenaBase: number): ThreadSteps;
}

/** Threads that run programs together, as a session sees them. All methods return when the work is done. */
export interface Pool {
  readonly threads: number;
  /**
   * Gives every thread its part of the program, with the arena at its present place. The parts go through the arena, so
   * load a program before anything is fed. @throws ThreadError when a thread fails.
   */
  load(program: SplitProgram, memory: Memory): void;
  /** Runs a program that was loaded. @throws ThreadError when a thread fails. */
  run(program: SplitProgram): void;
  /** Drops a program. */
  forget(program: SplitProgram): void;
  /** @throws ThreadError when a thread has failed or was lost, at any time before. */
  check(): void;
  /** Lets the threads end. */
  stop(): void;
}
