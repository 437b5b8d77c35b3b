// node .ci/side-by-side.mjs LANE…: runs npm scripts, a lane being names with commas between them. Lanes run side by
// side, the scripts of a lane one after the other. What a script printed follows when it is done; it ends with 1 if any
// script failed.
import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import { performance } from "node:perf_hooks";

/** Runs one script to its end and prints what it said. True where it succeeded. */
function run(script) {
  const started = performance.now();
  const child = spawn("npm", ["run", "--silent", script], {
    shell: process.platform === "win32",
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => said.push(bytes));
  return new Promise((done) => {
    child.on("error", (error) => said.push(Buffer.from(`${error.message}\n`)));
    child.on("close", (code) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      process.stdout.write(`> ${script}: ${code === 0 ? "passed" : "FAILED"} in ${seconds} s\n`);
      process.stdout.write(Buffer.concat(said));
      done(code === 0);
    });
  });
}

/** Runs a lane to its end, past scripts that fail: one run tells of all that is wrong. */
async function runLane(lane) {
  let passed = true;
  for (const script of lane.split(",")) passed = (await run(script)) && passed;
  return passed;
}

const lanes = process.argv.slice(2);
if (lanes.length === 0) throw new Error("no lane of scripts is named");
const passed = await Promise.all(lanes.map(runLane));
process.exitCode = passed.every(Boolean) ? 0 : 1;
