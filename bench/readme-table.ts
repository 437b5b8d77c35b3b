// npm run bench:table -- [RESULTS.json] [--peers PEERS.json] [--charts FOLDER]: what npm run bench wrote, as the
// README's tables (on stdout) and charts (in bench/pictures unless FOLDER says where). PEERS.json: see peers.ts.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { format } from "prettier";
import type { TopLevelSpec } from "vega-lite";
import { batchChart, limitChart, peersChart } from "./charts.ts";
import { drawChart } from "./draw-chart.ts";
import { ownTable, peersTable } from "./markdown-tables.ts";
import { readPeers, type PeerFigures } from "./peers.ts";
import { readReport } from "./report-file.ts";
import type { Report } from "./report.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));

try {
  await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { peers: { type: "string" }, charts: { type: "string", default: join(HERE, "pictures") } },
  });
  const [path = join(HERE, "results.json"), ...others] = positionals;
  if (others.length > 0) throw new Error(`one file of results is read; ${positionals.length} are named`);
  if (!existsSync(values.charts)) throw new Error(`there is no folder ${values.charts} for the charts`);
  const report = readReport(path);
  const peers = values.peers === undefined ? [] : readPeers(values.peers);
  const tables = [...(peers.length > 0 ? [peersTable(peers)] : []), ownTable(report)];
  process.stdout.write(await format(tables.join("\n\n"), { parser: "markdown" }));
  for (const [name, chart] of Object.entries(chartsOf(report, peers))) {
    writeFileSync(join(values.charts, `${name}.svg`), await drawChart(chart));
  }
}

/** Charts by their files' names; those there are figures for. */
function chartsOf(report: Report, peers: readonly PeerFigures[]): Record<string, TopLevelSpec> {
  return {
    ...(peers.length > 0 ? { iteration: peersChart(peers) } : {}),
    ...(Object.keys(report.workloads).length > 0 ? { limit: limitChart(report) } : {}),
    ...(report.batchSizes === undefined ? {} : { "batch-sizes": batchChart(report) }),
  };
}
