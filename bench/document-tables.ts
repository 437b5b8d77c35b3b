import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import type { TopLevelSpec } from "vega-lite";
import { batchChart, limitChart, peersChart } from "./charts.ts";
import { drawChart } from "./draw-chart.ts";
import { ownTable, peersTable } from "./markdown-tables.ts";
import type { PeerFigures } from "./peers.ts";
import type { Report } from "./report.ts";

/** The documents, and which tables each holds: README.md one, for a reader who is new here; bench/README.md all. */
const DOCUMENTS: Readonly<Record<string, readonly string[]>> = {
  "README.md": ["peers"],
  "bench/README.md": ["peers", "own"],
};

/**
 * Writes the tables between their marks in the documents of a folder, and the charts into its bench/pictures.
 * @throws Error where a document has no marks for a table
 */
export async function writeTables(folder: string, report: Report, peers: readonly PeerFigures[]): Promise<void> {
  const tables: Readonly<Record<string, string>> = { peers: peersTable(peers), own: ownTable(report) };
  const style = await resolveConfig(join(import.meta.dirname, "README.md"));
  for (const [name, marks] of Object.entries(DOCUMENTS)) {
    const file = join(folder, name);
    let text = readFileSync(file, "utf8");
    for (const mark of marks) text = withTable(text, file, mark, tables[mark]!);
    writeFileSync(file, await format(text, { ...style, parser: "markdown" }));
  }
  for (const [name, chart] of Object.entries(chartsOf(report, peers))) {
    writeFileSync(join(folder, "bench/pictures", `${name}.svg`), await drawChart(chart));
  }
}

/**
 * The document with this table between `<!-- mark: … -->` and `<!-- /mark -->`.
 * @throws Error where these are not there
 */
function withTable(text: string, file: string, mark: string, table: string): string {
  const between = new RegExp(`(<!-- ${mark}: [^>]*-->)[^]*?(<!-- /${mark} -->)`);
  if (!between.test(text)) throw new Error(`${file} has no marks <!-- ${mark}: … --> and <!-- /${mark} -->`);
  return text.replace(between, (_, begin: string, end: string) => `${begin}\n\n${table}\n\n${end}`);
}

/** Charts by their files' names; those there are figures for. */
function chartsOf(report: Report, peers: readonly PeerFigures[]): Record<string, TopLevelSpec> {
  return {
    iteration: peersChart(peers),
    ...(Object.keys(report.workloads).length > 0 ? { limit: limitChart(report) } : {}),
    ...(report.batchSizes === undefined ? {} : { "batch-sizes": batchChart(report) }),
  };
}
