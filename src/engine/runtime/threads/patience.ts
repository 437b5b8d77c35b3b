/** Milliseconds of one sleep before the sleeper looks whether anything has happened. */
const INTERVAL = 250;

/** Sleeps without anything happening that are always allowed: five seconds. */
const SLEEPS = 20;

/** How many times as long as this thread has worked in this run another may work on one step. */
const TIMES_OWN_WORK = 4;

/**
 * How long the main thread waits for a thread that gives no sign before it takes it for lost: one that was terminated,
 * or ran out of memory. Arriving at the barrier is the sign.
 *
 * It counts its own sleeps instead of time, so that a process that was stopped for an hour (a suspended job, a closed
 * lid) has missed one sleep, and gives more where its own share of the work took long (large models, busy machines).
 */
export class Patience {
  readonly interval: number = INTERVAL;
  #runBegan = 0;
  #sleepsLeft = 0;
  #allowed = 0;
  #arrived = -1;

  /** A run begins. */
  beginRun(): void {
    this.#runBegan = performance.now();
  }

  /** This thread has done its share of a step and goes to sleep. */
  beginWait(): void {
    const own = performance.now() - this.#runBegan;
    this.#allowed = SLEEPS + Math.ceil((TIMES_OWN_WORK * own) / INTERVAL);
    this.#sleepsLeft = this.#allowed;
    this.#arrived = -1;
  }

  /** A sleep has ended without an epoch having ended. @throws Error when that was too often with nobody arriving. */
  check(arrived: number): void {
    if (arrived !== this.#arrived) {
      this.#arrived = arrived;
      this.#sleepsLeft = this.#allowed;
    }
    if (this.#sleepsLeft-- > 0) return;
    const seconds = (this.#allowed * INTERVAL) / 1000;
    throw new Error(`a thread has given no sign of life for ${seconds} s; was its worker terminated?`);
  }
}
