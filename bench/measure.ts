import { Bench } from "tinybench";
import { processorTime } from "./clock.ts";
import type { MachineLimit } from "./limit.ts";

/** How long to measure one thing. */
export interface Budget {
  /** Time for V8 to put its optimized code in place, which it does in the background. */
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** The least number of samples, however long they take. */
  readonly samples: number;
}

/** The result of a measurement. */
export interface Measured {
  /** The fastest run in milliseconds. The others met a slower clock or a colder cache. */
  readonly ms: number;
  /** The machine's limit in the same moments, GFLOP/s. */
  readonly limitGflops: number;
}

/** Measures a function. */
export type Measure = (run: () => void, budget: Budget) => Measured;

/** Milliseconds: `processorTime`, or where several threads share the work, `performance.now`. */
export type Clock = () => number;

/** A sample lasts at least this long, since processor time is told in microseconds. */
const SAMPLE_MS = 0.4;

/** Times runs with tinybench, the machine's limit between them. */
export function measureWith(limit: MachineLimit, now: Clock = processorTime): Measure {
  return (run, { warmUpMs, measureMs, samples }) => {
    const repeats = warmUp(run, warmUpMs, now);
    limit.take();
    const bench = new Bench({ now, time: measureMs, iterations: samples, warmup: false, throws: true });
    const hooks = { async: false, beforeEach: () => limit.sample() };
    const [task] = bench.add("run", () => repeat(run, repeats), hooks).runSync();
    if (task?.result.state !== "completed") throw new Error(`the benchmark is ${task?.result.state}, not completed`);
    return { ms: task.result.latency.min / repeats, limitGflops: limit.take() };
  };
}

/** Runs for at least this long. Returns how many runs fill a sample in the end. */
function warmUp(run: () => void, milliseconds: number, now: Clock): number {
  const end = now() + milliseconds;
  for (let repeats = 1; ;) {
    const start = now();
    repeat(run, repeats);
    const finished = now();
    if (finished - start < SAMPLE_MS) repeats *= 2;
    else if (finished >= end) return repeats;
  }
}

function repeat(run: () => void, times: number): void {
  for (let i = 0; i < times; i++) run();
}
