// Prints the sums of Vitest's JSON reports as the last line of CI; fails where a test failed, none ran, or a report is
// missing because lint, types or the build stopped `npm test` before the tests. A file that several reports name counts
// in the last one only: what an engine's absence skipped there has run here.
import { existsSync, readFileSync } from "node:fs";

const files = new Map();
for (const report of process.argv.slice(2)) {
  const text = existsSync(report) ? readFileSync(report, "utf8") : "";
  if (text === "") {
    console.error("no test ran: npm test stopped before the tests");
    process.exit(1);
  }
  for (const file of JSON.parse(text).testResults) files.set(file.name, file);
}

const counts = { passed: 0, failed: 0, skipped: 0 };
for (const { status, assertionResults } of files.values()) {
  const ofFile = { passed: 0, failed: 0, skipped: 0 };
  for (const test of assertionResults) ofFile[test.status in ofFile ? test.status : "skipped"]++;
  // A file that fails outside its tests (an import, a hook) counts as one failure more.
  if (status === "failed") ofFile.failed = Math.max(ofFile.failed, 1);
  for (const outcome of Object.keys(counts)) counts[outcome] += ofFile[outcome];
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1);
