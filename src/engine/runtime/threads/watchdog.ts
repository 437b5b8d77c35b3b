/** Milliseconds of one sleep. After each, the sleeper checks for an arrival or a new epoch. */
const INTERVAL = 250;

/** Number of sleeps without an arrival that is always allowed: five seconds. */
const SLEEPS = 20;

/** Another thread may work on one step at most this many times as long as this thread has worked in the run. */
const TIMES_OWN_WORK = 4;

/**
 * Notices a lost thread: one that was terminated, or ran out of memory. The main thread waits for the others at the
 * barrier, where an arrival is a sign of life. If no thread arrives for too long, it takes a thread for lost.
 *
 * The watchdog counts its own sleeps and not the time, so that a process that was stopped for an hour (a suspended job,
 * a closed lid) has missed one sleep. It allows more sleeps if its own share of the work took long (large models, busy
 * machines).
 */
export class Watchdog {
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

  /** A sleep has ended, but the epoch has not. @throws Error if that happened too often without an arrival. */
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
