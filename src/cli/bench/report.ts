import { duration, grouped } from "../terminal/number-text.ts";

/** How often the tutorial's program was written to iterate. Its author's laptop was too slow for that. */
export const TUTORIAL_ITERATIONS = 100_000;

/** The fastest iteration with a number of threads. */
export interface Measured {
  readonly threads: number;
  readonly seconds: number;
}

/** The machine's limit in words. */
export function limitLine(gflops: number): string {
  const work = "multiplications and additions on 128-bit registers, one thread";
  return `This machine's limit: ${gflops.toFixed(1)} GFLOP/s of ${work}`;
}

/** The head of the table of iterations. */
export function headLine(): string {
  return columns("threads", "seconds an iteration", "of one thread", `${grouped(TUTORIAL_ITERATIONS)} iterations`);
}

/** A row of that table: an iteration, also as a part of one with a single thread. */
export function measuredLine({ threads, seconds }: Measured, secondsOfOne: number): string {
  const part = (seconds / secondsOfOne).toFixed(2);
  return columns(String(threads), seconds.toPrecision(3), part, duration(seconds * TUTORIAL_ITERATIONS));
}

/** How long the tutorial would take. */
export function outlookLine({ threads, seconds }: Measured): string {
  const by = threads === 1 ? "1 thread" : `${threads} threads`;
  const total = duration(seconds * TUTORIAL_ITERATIONS);
  return `The tutorial's ${grouped(TUTORIAL_ITERATIONS)} iterations would take ${total} here, with ${by}.`;
}

function columns(threads: string, seconds: string, ofOne: string, total: string): string {
  return `${threads.padStart(7)}${seconds.padStart(22)}${ofOne.padStart(15)}  ${total}`;
}
