// Prints the figures of a Vitest JSON report as the last line of CI; fails where a test failed, none ran, or the report
// is missing because lint, types or the build stopped `npm test` before the tests.
import { readFileSync } from "node:fs";

const text = readFileSync(process.argv[2], "utf8");
if (text === "") {
  console.error("no test ran: npm test stopped before the tests");
  process.exit(1);
}
const { numPassedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(text);
// A file that fails outside its tests (an import, a hook) counts as one failure more.
const failures = testResults.map(({ status, assertionResults }) => {
  const failedTests = assertionResults.filter((test) => test.status === "failed").length;
  return status === "failed" ? Math.max(failedTests, 1) : failedTests;
});
const failed = failures.reduce((sum, count) => sum + count, 0);
console.log(`${numPassedTests} passed, ${failed} failed, ${numPendingTests + numTodoTests} skipped`);
process.exit(failed === 0 && numPassedTests > 0 ? 0 : 1);
