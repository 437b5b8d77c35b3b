// npm run bench:table -- [RESULTS.json] [--peers PEERS.json] [--documents FOLDER]: what npm run bench wrote, and what
// other programs took (peers.ts), as tables between the marks of README.md and bench/README.md, and as charts in
// bench/pictures.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeTables } from "./document-tables.ts";
import { readPeers } from "./peers.ts";
import { readReport } from "./report-file.ts";

const HERE = import.meta.dirname;

try {
  await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      peers: { type: "string", default: join(HERE, "peers.json") },
      documents: { type: "string", default: join(HERE, "..") },
    },
  });
  const [path = join(HERE, "results.json"), ...others] = positionals;
  if (others.length > 0) throw new Error(`one file of results is read; ${positionals.length} are named`);
  await writeTables(values.documents, readReport(path), readPeers(values.peers));
}
