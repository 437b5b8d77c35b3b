import { availableParallelism, cpus } from "node:os";
import { GAN_SETTINGS } from "../../gan/configuration.ts";
import { createGan } from "../../gan/gan.ts";
import { limitLoop } from "../../engine/runtime/limit-loop.ts";
import { timedCalls, warmUpOf, type CallBudget } from "../measure/timed-calls.ts";
import { EXIT, type ExitCode } from "../terminal/exit-codes.ts";
import { packageVersion } from "../terminal/package-version.ts";
import { Results } from "../terminal/results.ts";
import { useWideRegisters } from "../wide/registers.ts";
import type { BenchFlags } from "./flags.ts";
import { headLine, limitLine, measuredLine, outlookLine, TUTORIAL_ITERATIONS, type Measured } from "./report.ts";
import { threadCounts } from "./thread-counts.ts";

/** More threads than this are tried only when asked for. */
const MOST_THREADS = 16;

/** A run of the loop takes some microseconds. In this time one of them is not disturbed. */
const LIMIT_BUDGET: CallBudget = { warmUp: 0, measure: 400, atLeast: 1 };

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
  results.text(limitLine(limitGflops), "");

  const most = flags.threads === "auto" ? Math.min(logicalProcessors, MOST_THREADS) : flags.threads;
  const counts = threadCounts(most);
  const budget: CallBudget = {
    warmUp: warmUpOf(machine.wideRegisters),
    measure: (flags.seconds * 1000) / counts.length,
    atLeast: 1,
  };
  const iterations = await measureEach(counts, budget, results);
  const fastest = iterations.reduce((best, one) => (one.seconds < best.seconds ? one : best));
  results.text("", outlookLine(fastest));
  results.record("bench", {
    version: packageVersion(),
    ...machine,
    limitGflops,
    batch: GAN_SETTINGS.batchSize.default,
    iterations,
    tutorial: {
      iterations: TUTORIAL_ITERATIONS,
      threads: fastest.threads,
      seconds: fastest.seconds * TUTORIAL_ITERATIONS,
    },
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
  results.text(headLine());
  for (const threads of counts) {
    const measured = await measureIteration(threads, budget);
    iterations.push(measured);
    results.text(measuredLine(measured, iterations[0]!.seconds));
  }
  return iterations;
}

/** The fastest iteration at the defaults: a discriminator's step and a generator's. */
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
