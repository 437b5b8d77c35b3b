import type { Benchmark } from "./benchmark.ts";
import type { Budget, Measure, Measured } from "./measure.ts";
import type { Figures } from "./report.ts";
import type { Workbench, Workload } from "./workbench.ts";

/** How long to measure a whole program, and then a kernel's part of it, which is warm by then. */
export interface Budgets {
  readonly whole: Budget;
  readonly part: Budget;
}

/** What one workload took. */
export interface Result {
  readonly workload: Workload;
  readonly figures: Figures;
}

/** Measures benchmarks one after the other; yields each result as soon as it is known. */
export function* runBenchmarks(
  workbench: Workbench,
  benchmarks: readonly Benchmark[],
  measure: Measure,
  budgets: Budgets,
): Generator<Result> {
  for (const benchmark of benchmarks) {
    for (const workload of workbench.load(benchmark)) {
      const measured = measure(workload.run, workload.isPart ? budgets.part : budgets.whole);
      yield { workload, figures: figuresOf(workload, measured) };
    }
  }
}

function figuresOf({ flops, bytes }: Workload, { ms, limitGflops }: Measured): Figures {
  if (flops !== undefined) return { ms, gflops: flops / (ms * 1e6), limitGflops };
  if (bytes !== undefined) return { ms, gigabytesPerSecond: bytes / (ms * 1e6) };
  return { ms };
}
