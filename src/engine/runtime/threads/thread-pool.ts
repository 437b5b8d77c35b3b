import { ThreadError } from "../../errors.ts";
import { BoundSteps } from "../kernel-calls.ts";
import { KERNEL_NAMES, type Kernels } from "../kernels.generated.ts";
import { PAGE_BYTES, type Memory } from "../memory.ts";
import { Barrier } from "./barrier.ts";
import { controlWords, readFailure, WORDS } from "./control-words.ts";
import { encodeParts } from "./mailbox.ts";
import { Watchdog } from "./watchdog.ts";
import type { Pool, SplitProgram } from "./pool.ts";

/** A program that the threads hold. */
interface Loaded {
  readonly slot: number;
  readonly arenaBase: number;
  /** This thread's part. */
  readonly own: BoundSteps;
}

/**
 * The main thread's side of several threads that run programs step by step. The main thread is thread 0 and works as
 * well. It gives commands by words in the shared memory and meets the others at a barrier, so a run stays synchronous.
 * One command hands the workers a new program, the other runs one that they have.
 */
export class ThreadPool implements Pool {
  readonly threads: number;
  readonly #kernels: Kernels;
  readonly #memory: WebAssembly.Memory;
  readonly #words: Int32Array;
  readonly #watchdog = new Watchdog();
  readonly #barrier: Barrier;
  readonly #loaded = new Map<SplitProgram, Loaded>();
  readonly #finishStep = (): void => this.#barrier.wait();
  #failure: string | undefined;
  #underway = false;

  /** The workers are ready: each is in `workerLoop`, on this memory. */
  constructor(kernels: Kernels, memory: WebAssembly.Memory, threads: number, spins: number) {
    this.threads = threads;
    this.#kernels = kernels;
    this.#memory = memory;
    this.#words = controlWords(memory);
    this.#barrier = new Barrier(this.#words, threads, spins, this.#watchdog);
  }

  load(program: SplitProgram, memory: Memory): void {
    const { arenaBase } = memory;
    const known = this.#loaded.get(program);
    if (known?.arenaBase === arenaBase) return;
    const slot = known?.slot ?? this.#freeSlot();
    const parts = Array.from({ length: this.threads }, (_, thread) => program.stepsOf(thread, arenaBase));
    const numbers = encodeParts(parts, KERNEL_NAMES);
    memory.reserveArena(numbers.length * Float64Array.BYTES_PER_ELEMENT);
    new Float64Array(this.#memory.buffer, arenaBase, numbers.length).set(numbers);
    this.#command(slot, arenaBase, numbers.length, this.#finishStep);
    this.#loaded.set(program, { slot, arenaBase, own: new BoundSteps(parts[0]!, this.#kernels) });
  }

  run(program: SplitProgram): void {
    const { slot, own } = this.#loaded.get(program)!;
    this.#command(slot, 0, 0, () => own.run(this.#finishStep));
  }

  forget(program: SplitProgram): void {
    this.#loaded.delete(program);
  }

  stop(): void {
    this.#barrier.stop();
  }

  check(): void {
    // Ctrl-C in Node's REPL or a time limit of node:vm cuts a run off and runs no catch block.
    if (this.#underway) this.lost("a run was cut off in the middle");
    if (this.#failure !== undefined) throw threadError(this.#failure);
  }

  /** Ends the work for good, because a thread cannot go on. */
  lost(reason: string): void {
    this.#failure ??= reason;
    this.#barrier.stop();
  }

  /** Begins a command on all threads, and does this thread's part of it. */
  #command(slot: number, mailbox: number, length: number, part: () => void): void {
    this.check();
    this.#underway = true;
    Atomics.store(this.#words, WORDS.slot, slot);
    Atomics.store(this.#words, WORDS.mailbox, mailbox);
    Atomics.store(this.#words, WORDS.mailboxLength, length);
    Atomics.store(this.#words, WORDS.pages, this.#memory.buffer.byteLength / PAGE_BYTES);
    this.#watchdog.beginRun();
    try {
      this.#barrier.wait();
      part();
    } catch (cause) {
      const isTrap = cause instanceof WebAssembly.RuntimeError;
      const own = isTrap ? `thread 0: ${String(cause)}` : (cause as Error).message;
      this.lost(this.#barrier.failed ? readFailure(this.#words) : own);
      throw threadError(this.#failure, cause);
    } finally {
      this.#underway = false;
    }
  }

  #freeSlot(): number {
    const taken = new Set([...this.#loaded.values()].map(({ slot }) => slot));
    let slot = 0;
    while (taken.has(slot)) slot++;
    return slot;
  }
}

function threadError(reason: string | undefined, cause?: unknown): ThreadError {
  return new ThreadError(`the threads have stopped and cannot be used any more: ${reason}`, { cause });
}
