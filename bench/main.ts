// npm run bench [-- FILTER … --quick --json FILE]; README.md says what the figures mean.
import { closeSync, openSync, writeSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";
import { nameOf } from "./benchmark.ts";
import { breakDown } from "./breakdown.ts";
import { measureGan, type GanBudgets } from "./gan.ts";
import { MachineLimit } from "./limit.ts";
import { measureWith } from "./measure.ts";
import { allBenchmarks } from "./operations/index.ts";
import { breakdownLines, ganLines, reportJson, tableHead, workloadLine, type Figures, type Report } from "./report.ts";
import { runBenchmarks, type Budgets } from "./run.ts";
import { Workbench } from "./workbench.ts";

/** How long everything takes. */
interface Pace extends Budgets, GanBudgets {}

const THOROUGH: Pace = {
  whole: { warmUpMs: 150, measureMs: 120, samples: 5 },
  part: { warmUpMs: 20, measureMs: 100, samples: 5 },
  generateOne: { warmUpMs: 300, measureMs: 500, samples: 20 },
  iteration: { warmUpMs: 1500, measureMs: 0, samples: 15 },
  processes: 5,
};

const QUICK: Pace = {
  whole: { warmUpMs: 25, measureMs: 10, samples: 3 },
  part: { warmUpMs: 5, measureMs: 10, samples: 3 },
  generateOne: { warmUpMs: 50, measureMs: 50, samples: 10 },
  iteration: { warmUpMs: 500, measureMs: 0, samples: 4 },
  processes: 2,
};

/** What a filter must be part of for the GAN as a whole to be measured. */
const WHOLE = "GAN iteration, generate, memory";

try {
  await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { values: options, positionals: filters } = parseArgs({
    allowPositionals: true,
    options: { quick: { type: "boolean", default: false }, json: { type: "string" } },
  });
  const json = options.json === undefined ? undefined : openSync(options.json, "w");
  const report = await run(options.quick, filters);
  if (json === undefined) return;
  writeSync(json, reportJson(report));
  closeSync(json);
}

async function run(quick: boolean, filters: readonly string[]): Promise<Report> {
  const isWanted = (name: string): boolean =>
    filters.length === 0 || filters.some((filter) => name.toLowerCase().includes(filter.toLowerCase()));
  const benchmarks = allBenchmarks.filter((benchmark) => isWanted(nameOf(benchmark)));
  if (benchmarks.length === 0 && !isWanted(WHOLE)) throw new Error(`nothing's name contains ${filters.join(" or ")}`);

  const pace = quick ? QUICK : THOROUGH;
  const limit = await MachineLimit.create();
  const workbench = await Workbench.create();
  const workloads: Record<string, Figures> = {};
  console.log(tableHead);
  for (const { workload, figures } of runBenchmarks(workbench, benchmarks, measureWith(limit), pace)) {
    console.log(workloadLine(workload.label, figures));
    workloads[workload.name] = figures;
  }
  const whole = isWanted(WHOLE) ? await runGan(pace, limit) : {};
  console.log(`\nThe machine's limit: ${limit.best.toFixed(1)} GFLOP/s on 128-bit registers, one thread.`);
  return { environment: environment(quick), limitGflops: limit.best, workloads, ...whole };
}

async function runGan(pace: Pace, limit: MachineLimit): Promise<Pick<Report, "gan" | "breakdown">> {
  const gan = await measureGan(measureWith(limit), pace);
  console.log(["", ...ganLines(gan), ""].join("\n"));
  const breakdown = await breakDown(pace.iteration.samples);
  console.log(breakdownLines(breakdown, limit.best).join("\n"));
  return { gan, breakdown };
}

function environment(quick: boolean): Report["environment"] {
  const processor = cpus()[0]?.model ?? "unknown";
  return { processor, cores: availableParallelism(), runtime: `Node ${process.version}`, quick };
}
