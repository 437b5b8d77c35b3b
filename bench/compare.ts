// npm run bench:compare -- OLD.json NEW.json [--threshold 0.15]: what a change gained and lost, between two files that
// npm run bench wrote. Exit code 1 where a figure lost more than the threshold, 2 for wrong usage and bad files.
import { parseArgs } from "node:util";
import { comparisonLine, compareReports, lossesOf } from "./comparison.ts";
import { readReport } from "./report-file.ts";
import type { Report } from "./report.ts";

try {
  process.exitCode = main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}

function main(): number {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { threshold: { type: "string", default: "0.15" } },
  });
  const threshold = Number(values.threshold);
  if (!(threshold > 0))
    throw new Error(`--threshold is ${values.threshold}; it must be a number above 0, such as 0.15`);
  const [oldPath, newPath, ...others] = positionals;
  if (oldPath === undefined || newPath === undefined || others.length > 0) {
    throw new Error(`two files are compared, OLD.json NEW.json; ${positionals.length} are named`);
  }
  return print(readReport(oldPath), readReport(newPath), threshold);
}

function print(before: Report, after: Report, threshold: number): number {
  const comparisons = compareReports(before, after);
  const { common, missing, added } = comparisons;
  if (common.length === 0) throw new Error("the two files have no figure in common");
  console.log(`Each time weighed by its machine's limit: ${limit(before)}, then ${limit(after)} GFLOP/s.`);
  for (const difference of differences(before, after)) console.log(`Measured differently: ${difference}`);
  for (const comparison of common) console.log(comparisonLine(comparison, threshold));
  if (missing.length > 0) console.log(`Only in the first: ${someOf(missing)}`);
  if (added.length > 0) console.log(`Only in the second: ${someOf(added)}`);
  const losses = lossesOf(comparisons, threshold);
  const percent = Math.round(100 * threshold);
  console.log(`${losses.length} of ${common.length} lost more than ${percent} %.`);
  return losses.length > 0 ? 1 : 0;
}

/** A few names; how many more there are. */
function someOf(names: readonly string[]): string {
  const shown = names.slice(0, 10).join(", ");
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown;
}

function limit({ limitGflops }: Report): string {
  return limitGflops.toFixed(1);
}

/** The differences between the two measurements on which times depend. */
function differences({ environment: before }: Report, { environment: after }: Report): string[] {
  const names = ["processor", "cores", "runtime", "flags", "threads", "quick"] as const;
  return names
    .filter((name) => before[name] !== after[name])
    .map((name) => `${name} ${JSON.stringify(before[name])}, then ${JSON.stringify(after[name])}`);
}
