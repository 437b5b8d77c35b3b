import { STATE, WORDS, writeFailure } from "./control-words.ts";
import type { Watchdog } from "./watchdog.ts";

/**
 * A place at which threads wait for each other. The last thread to arrive starts the next epoch, which releases the
 * others. A thread that waits spins first, since a step is often over within microseconds, and then sleeps.
 * ARCHITECTURE.md gives the cost of either.
 *
 * All accesses are sequentially consistent. Two properties follow:
 * - No wake-up is lost. A sleeper counts itself before it reads the epoch for the last time, and the thread that
 *   starts an epoch does so before it looks for sleepers. So one of the two sees the other.
 * - No thread waits for one that has stopped. A thread that stops writes the state before it starts a last epoch.
 *   The new epoch releases a thread that read the old one, and a thread that read the new one sees the state.
 */
export class Barrier {
  readonly #words: Int32Array;
  readonly #threads: number;
  readonly #spins: number;
  readonly #watchdog: Watchdog | undefined;

  /**
   * `spins` is the number of looks before sleeping. `watchdog` is for the one thread that must notice a lost thread.
   */
  constructor(words: Int32Array, threads: number, spins: number, watchdog?: Watchdog) {
    this.#words = words;
    this.#threads = threads;
    this.#spins = spins;
    this.#watchdog = watchdog;
  }

  /** Returns when all threads have arrived. @throws Error once a thread has stopped, has failed or is lost. */
  wait(): void {
    const words = this.#words;
    const epoch = Atomics.load(words, WORDS.epoch);
    this.#checkState();
    if (Atomics.add(words, WORDS.arrived, 1) === this.#threads - 1) {
      Atomics.store(words, WORDS.arrived, 0);
      this.#startEpoch();
    } else if (!this.#spin(epoch)) {
      this.#sleep(epoch);
    }
    this.#checkState();
  }

  /** True if the threads were told to stop. */
  get stopped(): boolean {
    return Atomics.load(this.#words, WORDS.state) === STATE.stopped;
  }

  /** True if a thread has failed. */
  get failed(): boolean {
    return Atomics.load(this.#words, WORDS.state) === STATE.failed;
  }

  /** Stops all threads for good, those that wait now and those that arrive later. */
  stop(): void {
    this.#end(STATE.stopped);
  }

  /** Stops them because this thread cannot go on. */
  fail(reason: string): void {
    if (writeFailure(this.#words, reason)) this.#end(STATE.failed);
  }

  #end(state: number): void {
    Atomics.compareExchange(this.#words, WORDS.state, STATE.working, state);
    this.#startEpoch();
  }

  #startEpoch(): void {
    Atomics.add(this.#words, WORDS.epoch, 1);
    if (Atomics.load(this.#words, WORDS.sleepers) > 0) Atomics.notify(this.#words, WORDS.epoch);
  }

  /** True if the epoch ended while this thread was spinning. */
  #spin(epoch: number): boolean {
    for (let i = 0; i < this.#spins; i++) {
      if (Atomics.load(this.#words, WORDS.epoch) !== epoch) return true;
    }
    return false;
  }

  #sleep(epoch: number): void {
    const words = this.#words;
    const watchdog = this.#watchdog;
    Atomics.add(words, WORDS.sleepers, 1);
    watchdog?.beginWait();
    while (Atomics.load(words, WORDS.epoch) === epoch) {
      const outcome = Atomics.wait(words, WORDS.epoch, epoch, watchdog?.interval);
      if (outcome === "timed-out") watchdog?.check(Atomics.load(words, WORDS.arrived));
    }
    Atomics.sub(words, WORDS.sleepers, 1);
  }

  #checkState(): void {
    if (Atomics.load(this.#words, WORDS.state) !== STATE.working) throw new Error("the threads have stopped");
  }
}
