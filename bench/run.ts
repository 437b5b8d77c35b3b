import type { Benchmark } from "./benchmark.ts";
import type { Measure } from "./measure.ts";
import type { Figures } from "./report.ts";
import type { Workbench, Workload } from "./workbench.ts";

/** A kernel has run many times before its part of a program is measured by itself. */
const PART_WARM_UP_MS = 20;

/** Measures benchmarks one after the other; yields each workload's figures as soon as they are known. */
export function* runBenchmarks(
  workbench: Workbench,
  benchmarks: readonly Benchmark[],
  measure: Measure,
): Generator<{ readonly workload: Workload; readonly figures: Figures }> {
  for (const benchmark of benchmarks) {
    for (const workload of workbench.load(benchmark)) {
      const measured = measure(workload.run, workload.isPart ? { warmUpMs: PART_WARM_UP_MS } : {});
      yield { workload, figures: figuresOf(workload, measured) };
    }
  }
}

function figuresOf({ flops, bytes }: Workload, { ms, limitGflops }: ReturnType<Measure>): Figures {
  if (flops !== undefined) return { ms, gflops: flops / (ms * 1e6), limitGflops };
  if (bytes !== undefined) return { ms, gigabytesPerSecond: bytes / (ms * 1e6) };
  return { ms };
}
