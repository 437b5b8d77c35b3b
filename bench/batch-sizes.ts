import { ganIteration } from "./gan-iteration.ts";
import type { Budget, Measure } from "./measure.ts";

/** From one image to the most a batch may have. */
export const BATCH_SIZES: readonly number[] = [1, 2, 5, 10, 20, 50, 100, 200, 512];

/** One iteration with batches of one size. */
export interface BatchFigures {
  /** The fastest, one thread, processor time. */
  readonly ms: number;
  readonly memoryBytes: number;
}

/** Measures one iteration with batches of this size. */
export async function measureBatchSize(measure: Measure, batchSize: number, budget: Budget): Promise<BatchFigures> {
  const { gan, iterate } = await ganIteration({ batchSize });
  const { ms } = measure(iterate, budget);
  const { memoryBytes } = gan;
  gan.dispose();
  return { ms, memoryBytes };
}
