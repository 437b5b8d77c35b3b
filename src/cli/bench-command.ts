import { availableParallelism, cpus } from "node:os";
import { createGan } from "../gan/gan.ts";
import { limitLoop } from "../runtime/limit-loop.ts";
import type { BenchFlags } from "./bench-flags.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { duration, grouped } from "./number-text.ts";
import { packageVersion } from "./package-version.ts";
import { Results } from "./results.ts";
import { threadCounts } from "./thread-counts.ts";
import { useWideRegisters } from "./wide-registers.ts";

/** What the tutorial's program was written to do, and its author's laptop was too slow for. */
const TUTORIAL_ITERATIONS = 100_000;

/** More threads than this are tried only when asked for. */
const MOST_THREADS = 16;

/** Of a run of some microseconds there is a fast one among so many. */
const LIMIT_MILLISECONDS = 400;

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
    cores: availableParallelism(),
    runtime: `Node ${process.version}`,
    wideRegisters: flags.wide && (await useWideRegisters((line) => process.stderr.write(`${line}\n`))),
  };
  results.text(`wasm-gan ${packageVersion()}, ${machine.runtime}, ${machine.processor}, cores: ${machine.cores}`);
  if (machine.wideRegisters) results.text("wide registers: on");
  const limitGflops = await measureLimit();
  results.text(
    `This machine's limit: ${limitGflops.toFixed(1)} GFLOP/s of multiplications and additions, one thread`,
    "",
  );

  const most = flags.threads === "auto" ? Math.min(machine.cores, MOST_THREADS) : flags.threads;
  const iterations = await measureEach(threadCounts(most), flags.seconds, results);
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
  return flops / (fastestOf(run, LIMIT_MILLISECONDS) * 1e6);
}

/** Measures with each number of threads, and tells each as soon as it is known. */
async function measureEach(counts: readonly number[], seconds: number, results: Results): Promise<readonly Measured[]> {
  const iterations: Measured[] = [];
  results.text(row("threads", "seconds an iteration", "of one thread", `${grouped(TUTORIAL_ITERATIONS)} iterations`));
  for (const threads of counts) {
    const measured = await measureIteration(threads, (seconds * 1000) / counts.length);
    iterations.push(measured);
    const ofOne = measured.seconds / iterations[0]!.seconds;
    const total = duration(measured.seconds * TUTORIAL_ITERATIONS);
    results.text(row(String(measured.threads), measured.seconds.toPrecision(3), ofOne.toFixed(2), total));
  }
  return iterations;
}

/** The fastest iteration at the defaults, a discriminator's step and a generator's, with as many threads as there are. */
async function measureIteration(threads: number, milliseconds: number): Promise<Measured> {
  const gan = await createGan({ threads });
  try {
    const images = gan.generate(gan.latent("grid", 0, gan.batchSize));
    const z = gan.latent("generator", 0, gan.batchSize);
    const iterate = (): void => {
      gan.discriminatorStep(images, z);
      gan.generatorStep(z);
    };
    return { threads: gan.threads, seconds: fastestOf(iterate, milliseconds) / 1000 };
  } finally {
    gan.dispose();
  }
}

/** Runs once unseen (that one compiles), then for so long and at least once. The fastest in milliseconds. */
function fastestOf(run: () => void, milliseconds: number): number {
  const end = performance.now() + milliseconds;
  run();
  let fastest = Infinity;
  do {
    const start = performance.now();
    run();
    fastest = Math.min(fastest, performance.now() - start);
  } while (performance.now() < end);
  return fastest;
}

function outlook(threads: number, seconds: number): string {
  const by = threads === 1 ? "1 thread" : `${threads} threads`;
  return `The tutorial's ${grouped(TUTORIAL_ITERATIONS)} iterations would take ${duration(seconds)} here, with ${by}.`;
}

function row(threads: string, seconds: string, ofOne: string, total: string): string {
  return `${threads.padStart(7)}${seconds.padStart(22)}${ofOne.padStart(15)}  ${total}`;
}
