// npm run bench [-- filter …] [--quick] [--json FILE]
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";
import { nameOf } from "./benchmark.ts";
import { breakDown } from "./breakdown.ts";
import { measureGan } from "./gan.ts";
import { MachineLimit } from "./limit.ts";
import { measureWith, type Budget } from "./measure.ts";
import { allBenchmarks } from "./operations/index.ts";
import { breakdownLines, ganLines, reportJson, tableHead, workloadLine, type Figures, type Report } from "./report.ts";
import { runBenchmarks } from "./run.ts";
import { Workbench } from "./workbench.ts";

/** How long each part of a run takes. */
interface Pace {
  readonly workload: Budget;
  readonly iterations: number;
  readonly processes: number;
}

const FULL: Pace = { workload: { warmUpMs: 150, measureMs: 120, samples: 5 }, iterations: 15, processes: 5 };
const QUICK: Pace = { workload: { warmUpMs: 25, measureMs: 10, samples: 3 }, iterations: 4, processes: 2 };

const { values: options, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean", default: false }, json: { type: "string" } },
});
const report = await run(options.quick ? QUICK : FULL);
if (options.json !== undefined) writeFileSync(options.json, reportJson(report));

async function run(pace: Pace): Promise<Report> {
  const limit = await MachineLimit.create();
  const measure = measureWith(limit, pace.workload);
  const workbench = await Workbench.create();
  const benchmarks = allBenchmarks.filter((benchmark) => isWanted(nameOf(benchmark)));
  const workloads: Record<string, Figures> = {};
  console.log(tableHead);
  for (const { workload, figures } of runBenchmarks(workbench, benchmarks, measure)) {
    console.log(workloadLine(workload.label, figures));
    workloads[workload.name] = figures;
  }
  const whole = isWanted("GAN") ? await runGan(pace, limit) : {};
  console.log(`\nThe machine's limit: ${limit.best.toFixed(1)} GFLOP/s on 128-bit registers, one thread.`);
  return { environment: environment(), limitGflops: limit.best, workloads, ...whole };
}

async function runGan(pace: Pace, limit: MachineLimit): Promise<Pick<Report, "gan" | "breakdown">> {
  const gan = await measureGan(measureWith(limit, pace.workload), pace.iterations, pace.processes);
  console.log(["", ...ganLines(gan), ""].join("\n"));
  const breakdown = await breakDown(pace.iterations);
  console.log(breakdownLines(breakdown, limit.best).join("\n"));
  return { gan, breakdown };
}

/** Without a filter everything is wanted. */
function isWanted(name: string): boolean {
  return filters.length === 0 || filters.some((filter) => name.toLowerCase().includes(filter.toLowerCase()));
}

function environment(): Report["environment"] {
  const processor = cpus()[0]?.model ?? "unknown";
  return { processor, cores: availableParallelism(), runtime: `Node ${process.version}`, quick: options.quick };
}
