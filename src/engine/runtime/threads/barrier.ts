import { STATE, WORDS, writeFailure } from "./control-words.ts";
import type { Patience } from "./patience.ts";

/**
 * Where threads wait for each other. The last one to come starts the next epoch, which lets the others go. Who waits
 * spins first, since a step is often over within microseconds, and then sleeps. ARCHITECTURE.md says what either costs.
 *
 * All accesses are sequentially consistent, which is what the two arguments below rest on:
 * - No wake-up is lost. A sleeper counts itself before it looks at the epoch for the last time, and who starts an epoch
 *   does so before it looks for sleepers: one of the two sees the other.
 * - Nobody waits for a thread that has stopped. Who stops writes the state before it starts a last epoch: a thread that
 *   read the old epoch is let go by the new one, a thread that read the new one sees the state.
 */
export class Barrier {
  readonly #words: Int32Array;
  readonly #threads: number;
  readonly #spins: number;
  readonly #patience: Patience | undefined;

  /** `spins`: how often to look before sleeping. `patience` is for the one thread that must notice a lost one. */
  constructor(words: Int32Array, threads: number, spins: number, patience?: Patience) {
    this.#words = words;
    this.#threads = threads;
    this.#spins = spins;
    this.#patience = patience;
  }

  /** Returns when all threads have come. @throws Error once a thread has stopped or failed, or patience is at its end. */
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

  /** Whether the threads were told to stop. */
  get stopped(): boolean {
    return Atomics.load(this.#words, WORDS.state) === STATE.stopped;
  }

  /** Whether one of them has failed. */
  get failed(): boolean {
    return Atomics.load(this.#words, WORDS.state) === STATE.failed;
  }

  /** Sends all threads away for good, those that wait now and those that come later. */
  stop(): void {
    this.#end(STATE.stopped);
  }

  /** The same, because this thread cannot go on. */
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

  /** Whether the epoch ended while this thread looked on. */
  #spin(epoch: number): boolean {
    for (let i = 0; i < this.#spins; i++) {
      if (Atomics.load(this.#words, WORDS.epoch) !== epoch) return true;
    }
    return false;
  }

  #sleep(epoch: number): void {
    const words = this.#words;
    const patience = this.#patience;
    Atomics.add(words, WORDS.sleepers, 1);
    patience?.beginWait();
    while (Atomics.load(words, WORDS.epoch) === epoch) {
      const outcome = Atomics.wait(words, WORDS.epoch, epoch, patience?.interval);
      if (outcome === "timed-out") patience?.check(Atomics.load(words, WORDS.arrived));
    }
    Atomics.sub(words, WORDS.sleepers, 1);
  }

  #checkState(): void {
    if (Atomics.load(this.#words, WORDS.state) !== STATE.working) throw new Error("the threads have stopped");
  }
}
