import { availableParallelism, cpus } from "node:os";
import { createGan } from "../../gan/gan.ts";
import { limitLoop } from "../../runtime/limit-loop.ts";
import type { BenchFlags } from "./flags.ts";
import { EXIT, type ExitCode } from "../terminal/exit-codes.ts";
import { duration, grouped } from "../terminal/number-text.ts";
import { packageVersion } from "../terminal/package-version.ts";
import { Results } from "../terminal/results.ts";
import { threadCounts } from "./thread-counts.ts";
import { timedCalls, warmUpOf, type CallBudget } from "../measure/timed-calls.ts";
import { useWideRegisters } from "../wide/registers.ts";

/** What the tutorial's program was written to do, and its author's laptop was too slow for. */
const TUTORIAL_ITERATIONS = 100_000;

/** More threads than this are tried only when asked for. */
const MOST_THREADS = 16;

/** Of a run of some microseconds there is a fast one among so many. */
const LIMIT_BUDGET: CallBudget = { warmUp: 0, measure: 400, atLeast: 1 };

/** One iteration with so many threads, the fastest. */
interface Measured {
  readonly threads: number;
  readonly seconds: number;
}

/** `wasm-gan bench`: the machine's limit, an iteration with 1 thread and more, and what the tutorial would take. */
export async function benchCommand(flags: BenchFlags): Promise<ExitCode> {
  const results = new Results(flags.json === true, (line) => process.stdout.write(`${line}\n`));
  const machine = {
    processor: cpus()[0]?.model ?? "unknown",
    logicalProcessors: availableParallelism(),
    runtime: `Node ${process.version}`,
    wideRegisters: flags.wide && (await useWideRegisters((line) => process.stderr.write(`${line}\n`))),
  };
  const { runtime, processor, logicalProcessors } = machine;
  results.text(`wasm-gan ${packageVersion()}, ${runtime}, ${processor}, logical processors: ${logicalProcessors}`);
  if (machine.wideRegisters) results.text("wide registers: on");
  const limitGflops = await measureLimit();
  results.text(
    `This machine's limit: ${limitGflops.toFixed(1)} GFLOP/s of multiplications and additions on 128-bit registers, one thread`,
    "",
  );

  const most = flags.threads === "auto" ? Math.min(logicalProcessors, MOST_THREADS) : flags.threads;
  const counts = threadCounts(most);
  const budget: CallBudget = {
    warmUp: warmUpOf(machine.wideRegisters),
    measure: (flags.seconds * 1000) / counts.length,
    atLeast: 1,
  };
  const iterations = await measureEach(counts, budget, results);
  const fastest = iterations.reduce((best, one) => (one.seconds < best.seconds ? one : best));
  const tutorialSeconds = fastest.seconds * TUTORIAL_ITERATIONS;
  results.text("", outlook(fastest.threads, tutorialSeconds));
  results.record("bench", {
    version: packageVersion(),
    ...machine,
    limitGflops,
    batch: 50,
    iterations,
    tutorial: { iterations: TUTORIAL_ITERATIONS, threads: fastest.threads, seconds: tutorialSeconds },
  });
  return EXIT.done;
}

/** GFLOP/s of the fastest run of the loop. */
async function measureLimit(): Promise<number> {
  const { flops, run } = await limitLoop();
  return flops / (fastestOf(run, LIMIT_BUDGET) * 1e6);
}

/** Measures with each number of threads, and tells each as soon as it is known. */
async function measureEach(
  counts: readonly number[],
  budget: CallBudget,
  results: Results,
): Promise<readonly Measured[]> {
  const iterations: Measured[] = [];
  results.text(row("threads", "seconds an iteration", "of one thread", `${grouped(TUTORIAL_ITERATIONS)} iterations`));
  for (const threads of counts) {
    const measured = await measureIteration(threads, budget);
    iterations.push(measured);
    const ofOne = measured.seconds / iterations[0]!.seconds;
    const total = duration(measured.seconds * TUTORIAL_ITERATIONS);
    results.text(row(String(measured.threads), measured.seconds.toPrecision(3), ofOne.toFixed(2), total));
  }
  return iterations;
}

/** The fastest iteration at the defaults, a discriminator's step and a generator's, with as many threads as there are. */
async function measureIteration(threads: number, budget: CallBudget): Promise<Measured> {
  const gan = await createGan({ threads });
  try {
    const images = gan.generate(gan.latent("grid", 0, gan.batchSize));
    const z = gan.latent("generator", 0, gan.batchSize);
    const iterate = (): void => {
      gan.discriminatorStep(images, z);
      gan.generatorStep(z);
    };
    return { threads: gan.threads, seconds: fastestOf(iterate, budget) / 1000 };
  } finally {
    gan.dispose();
  }
}

/** Milliseconds of the fastest call. */
function fastestOf(run: () => void, budget: CallBudget): number {
  return timedCalls(run, budget).reduce((fastest, time) => Math.min(fastest, time));
}

function outlook(threads: number, seconds: number): string {
  const by = threads === 1 ? "1 thread" : `${threads} threads`;
  return `The tutorial's ${grouped(TUTORIAL_ITERATIONS)} iterations would take ${duration(seconds)} here, with ${by}.`;
}

function row(threads: string, seconds: string, ofOne: string, total: string): string {
  return `${threads.padStart(7)}${seconds.padStart(22)}${ofOne.padStart(15)}  ${total}`;
}
