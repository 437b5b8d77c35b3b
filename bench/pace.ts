import { TILES_ARE_CHOSEN_AFTER } from "../src/engine/runtime/tile-probe.ts";
import type { Tiles } from "../src/engine/runtime/tiles.ts";
import type { GanBudgets } from "./gan.ts";
import type { Budget } from "./measure.ts";
import type { Budgets } from "./run.ts";

/** How long everything takes. */
export interface Pace extends Budgets, GanBudgets {
  /** Iterations with clocks, and as many without. */
  readonly breakdownIterations: number;
  /** Steps over which allocations are counted. */
  readonly allocationSteps: number;
  /** An iteration with batches of each size, up to the largest here. */
  readonly batch: Budget;
  readonly largestBatch: number;
  /** An iteration with each number of threads. */
  readonly threads: Budget;
}

/** The figures that are published. */
const THOROUGH: Pace = {
  whole: { warmUpMs: 150, measureMs: 120, samples: 5 },
  part: { warmUpMs: 20, measureMs: 100, samples: 5 },
  generateOne: { warmUpMs: 300, measureMs: 500, samples: 20 },
  iteration: { warmUpMs: 1500, measureMs: 0, samples: 15 },
  processes: 5,
  breakdownIterations: 15,
  allocationSteps: 50,
  batch: { warmUpMs: 300, measureMs: 1000, samples: 4 },
  largestBatch: 512,
  threads: { warmUpMs: 1000, measureMs: 2000, samples: 15 },
};

/** A glance. */
const QUICK: Pace = {
  whole: { warmUpMs: 25, measureMs: 10, samples: 3 },
  part: { warmUpMs: 5, measureMs: 10, samples: 3 },
  generateOne: { warmUpMs: 50, measureMs: 50, samples: 10 },
  iteration: { warmUpMs: 500, measureMs: 0, samples: 4 },
  processes: 2,
  breakdownIterations: 3,
  allocationSteps: 10,
  batch: { warmUpMs: 50, measureMs: 100, samples: 2 },
  largestBatch: 50,
  threads: { warmUpMs: 300, measureMs: 300, samples: 3 },
};

/** Milliseconds for a session to find its wide tiles, and for V8 to optimize those. */
const WIDE_WARM_UP_MS = TILES_ARE_CHOSEN_AFTER + 500;

/**
 * How long to measure on an engine where sessions choose these tiles. A subject that trains must have chosen its tiles
 * before it is timed.
 */
export function paceFor(tiles: Tiles, quick: boolean): Pace {
  const pace = quick ? QUICK : THOROUGH;
  if (tiles === "plain") return pace;
  const withWarmUp = (budget: Budget): Budget => ({
    ...budget,
    warmUpMs: Math.max(budget.warmUpMs, WIDE_WARM_UP_MS),
  });
  const { iteration, batch, threads } = pace;
  return { ...pace, iteration: withWarmUp(iteration), batch: withWarmUp(batch), threads: withWarmUp(threads) };
}
