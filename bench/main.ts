// npm run bench [-- FILTER … --quick --json FILE]; README.md says what the figures mean.
import { closeSync, openSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { nameOf, type Benchmark } from "./benchmark.ts";
import { chosenTiles } from "./chosen-tiles.ts";
import { environment } from "./environment.ts";
import { ganSections, type Setting } from "./gan-sections.ts";
import { MachineLimit } from "./limit.ts";
import { measureWith } from "./measure.ts";
import { allBenchmarks } from "./operations/index.ts";
import { paceFor } from "./pace.ts";
import { tableHead, workloadLine } from "./report-lines.ts";
import { FORMAT, reportJson, type Report } from "./report.ts";
import { runBenchmarks } from "./run.ts";
import { Workbench } from "./workbench.ts";

/** The file of a whole, thorough run. The documents' tables are made from it. */
const RESULTS = fileURLToPath(new URL("results.json", import.meta.url));

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
  const complete = !options.quick && filters.length === 0;
  const path = options.json ?? (complete ? RESULTS : undefined);
  // The file is opened before anything is measured: a path that cannot be written should not cost minutes.
  const file = path === undefined ? undefined : openSync(path, "a");
  const report = await run(options.quick, filters);
  if (file === undefined || path === undefined) return;
  closeSync(file);
  writeFileSync(path, reportJson(report));
  console.log(`Written to ${path}`);
}

async function run(quick: boolean, filters: readonly string[]): Promise<Report> {
  const isWanted = (name: string): boolean =>
    filters.length === 0 || filters.some((filter) => name.toLowerCase().includes(filter.toLowerCase()));
  const benchmarks = allBenchmarks.filter((benchmark) => isWanted(nameOf(benchmark)));
  const sections = ganSections.filter(({ name }) => isWanted(name));
  if (benchmarks.length + sections.length === 0) throw new Error(`nothing's name contains ${filters.join(" or ")}`);

  const limit = await MachineLimit.create();
  const tiles = await chosenTiles();
  if (tiles === "wide") console.log("V8 joins registers: products are computed in tiles for wide registers");
  const setting = {
    pace: paceFor(tiles, quick),
    limit,
    tiles,
    print: (...lines: string[]) => console.log(lines.join("\n")),
  };
  const workloads = benchmarks.length > 0 ? await runWorkloads(benchmarks, setting) : {};
  let found: Partial<Report> = {};
  for (const section of sections) {
    setting.print("");
    found = { ...found, ...(await section.measure(setting)) };
  }
  setting.print("", `The machine's limit: ${limit.best.toFixed(1)} GFLOP/s on 128-bit registers, one thread.`);
  return { format: FORMAT, environment: environment(quick), limitGflops: limit.best, workloads, ...found };
}

async function runWorkloads(
  benchmarks: readonly Benchmark[],
  { pace, limit, tiles, print }: Setting,
): Promise<Report["workloads"]> {
  const workbench = await Workbench.create(tiles);
  const workloads: Record<string, Report["workloads"][string]> = {};
  print(tableHead);
  for (const { workload, figures } of runBenchmarks(workbench, benchmarks, measureWith(limit), pace)) {
    print(workloadLine(workload.label, figures));
    workloads[workload.name] = figures;
  }
  return workloads;
}
