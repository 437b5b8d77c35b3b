// npm run explain -- STEP [--batch N --runs N]: the kernel calls of one of the GAN's steps, and how long each takes.
import { parseArgs } from "node:util";
import { explainStep, explanation } from "./explained-step.ts";
import { STEP_NAMES } from "./gan-steps.ts";

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { batch: { type: "string", default: "50" }, runs: { type: "string", default: "10" } },
  });
  const step = STEP_NAMES.find((name) => name === positionals[0]);
  if (step === undefined || positionals.length > 1) throw new Error(`name one step: ${STEP_NAMES.join(", ")}`);
  const batch = countOf("--batch", values.batch, 512);
  const runs = countOf("--runs", values.runs, 10_000);
  console.log(`${step}, batch ${batch}, one thread, the fastest of ${runs} runs`);
  for (const line of explanation(await explainStep(step, batch, runs))) console.log(line);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

function countOf(option: string, text: string, most: number): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= most) return count;
  throw new Error(`${option} is ${text}; it must be an integer from 1 to ${most}`);
}
