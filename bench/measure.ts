import { Bench } from "tinybench";
import type { MachineLimit } from "./limit.ts";

/** How long to measure one thing. */
export interface Budget {
  /** Time for V8 to put its optimized code in place; on a busy machine it is late. */
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** At least so many samples, however long they take. */
  readonly samples: number;
}

/** What measuring says. */
export interface Measured {
  /** The fastest run in milliseconds. Others were interrupted, or ran on a slower clock. */
  readonly ms: number;
  /** The machine's limit in the same minutes, GFLOP/s. */
  readonly limitGflops: number;
}

/** Measures a function. */
export type Measure = (run: () => void, budget?: Partial<Budget>) => Measured;

/** A sample lasts at least this long, so that reading the clock does not count. */
const SAMPLE_MS = 0.1;

/** Times runs with tinybench, the machine's limit between them. */
export function measureWith(limit: MachineLimit, usual: Budget): Measure {
  return (run, budget) => {
    const { warmUpMs, measureMs, samples } = { ...usual, ...budget };
    const repeats = Math.max(1, Math.ceil(SAMPLE_MS / warmUp(run, warmUpMs)));
    limit.take();
    const bench = new Bench({ time: measureMs, iterations: samples, warmup: false, throws: true });
    const sample = (): void => {
      for (let i = 0; i < repeats; i++) run();
    };
    const [task] = bench.add("run", sample, { async: false, beforeEach: () => limit.sample() }).runSync();
    if (task?.result.state !== "completed") throw new Error(`the benchmark is ${task?.result.state}, not completed`);
    return { ms: task.result.latency.min / repeats, limitGflops: limit.take() };
  };
}

/** Runs for so long, once at least; the fastest run in milliseconds. */
function warmUp(run: () => void, milliseconds: number): number {
  const start = performance.now();
  let fastest = Infinity;
  for (let now = start; now - start < milliseconds || fastest === Infinity;) {
    run();
    const end = performance.now();
    fastest = Math.min(fastest, end - now);
    now = end;
  }
  return fastest;
}
