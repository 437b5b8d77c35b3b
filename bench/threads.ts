import { ganIteration } from "./gan-iteration.ts";
import type { Budget, Measure } from "./measure.ts";

/** The fastest iteration with this number of threads, in milliseconds; `measure` reads the clock on the wall. */
export async function measureThreads(measure: Measure, threads: number, budget: Budget): Promise<number> {
  const { gan, iterate } = await ganIteration({ threads });
  const { ms } = measure(iterate, budget);
  gan.dispose();
  return ms;
}
