import { TILES_ARE_CHOSEN_AFTER } from "../../engine/runtime/tile-probe.ts";

/** Milliseconds until the engine has optimized the new tiles, too. */
const OPTIMIZING = 500;

/** How long to call a function, in milliseconds. */
export interface CallBudget {
  /** Time before the first timed call. At least one call is made then: it compiles the program. */
  readonly warmUp: number;
  readonly measure: number;
  /** The least number of timed calls, however long they take. */
  readonly atLeast: number;
}

/**
 * How long to train before a step's time is worth something. With wide registers a session may change its tiles a
 * second after its first step, and is faster from then on. Without them it has its full speed once it is compiled.
 */
export function warmUpOf(isWide: boolean): number {
  return isWide ? TILES_ARE_CHOSEN_AFTER + OPTIMIZING : 0;
}

/** Calls a function again and again. The time of each call but those of the warm-up, in milliseconds. */
export function timedCalls(run: () => unknown, { warmUp, measure, atLeast }: CallBudget): readonly number[] {
  const warm = performance.now() + warmUp;
  do run();
  while (performance.now() < warm);
  const times: number[] = [];
  const end = performance.now() + measure;
  while (times.length < atLeast || performance.now() < end) {
    const start = performance.now();
    run();
    times.push(performance.now() - start);
  }
  return times;
}
