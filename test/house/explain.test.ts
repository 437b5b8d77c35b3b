import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { explainStep } from "../../bench/explained-step.ts";
import { ganSteps, STEP_NAMES } from "../../bench/gan-steps.ts";
import { stepProgram } from "../../bench/timed-gan.ts";
import { root } from "../support/packed-package.ts";

const run = promisify(execFile);
const BATCH = 2;

/** What `npm run explain` prints after it has built the kernels. */
async function explain(...args: string[]): Promise<{ stdout: string; stderr: string; code: number }> {
  const command = ["--import", "tsx", "bench/explain.ts", ...args];
  try {
    return { ...(await run(process.execPath, command, { cwd: root })), code: 0 };
  } catch (error) {
    const { stdout, stderr, code } = error as { stdout: string; stderr: string; code: number };
    return { stdout, stderr, code };
  }
}

/** A printed line's numbers. */
function figuresOf(line: string): { calls: number; megabytes: number; ms: number; share: number } {
  const found = /(\d+) +(?:\d+ +)?(\d+\.\d{3}) +(\d+\.\d{3}) +(\d+\.\d{2}) %/.exec(line);
  expect(found, line).not.toBeNull();
  const [calls, megabytes, ms, share] = found!.slice(1).map(Number) as [number, number, number, number];
  return { calls, megabytes, ms, share };
}

describe("npm run explain", () => {
  it("prints the calls of a step in order, which add up", async () => {
    const { stdout, code } = await explain("discriminatorStep", "--batch", String(BATCH), "--runs", "2");
    expect(code).toBe(0);
    const [title, head, ...lines] = stdout.trimEnd().split("\n");
    expect(title).toBe(`discriminatorStep, batch ${BATCH}, one thread, the fastest of 2 runs`);
    expect(head).toMatch(/step +kernel +calls +extent +MB +ms +share +operation \| tensors/);
    const together = figuresOf(lines.pop()!);
    const figures = lines.map(figuresOf);
    const sum = (key: keyof (typeof figures)[0]): number => figures.reduce((total, line) => total + line[key], 0);
    const { graph, steps } = ganSteps(BATCH);
    expect(together.calls).toBe(stepProgram(graph, steps.discriminatorStep).calls.length);
    expect(sum("calls")).toBe(together.calls);
    // Each line is rounded.
    expect(Math.abs(sum("megabytes") - together.megabytes)).toBeLessThan(0.001 * lines.length);
    expect(Math.abs(sum("ms") - together.ms)).toBeLessThan(0.001 * lines.length);
    expect(Math.abs(sum("share") - 100)).toBeLessThan(0.01 * lines.length);
    const numbers = lines.map((line) => Number(line.slice(0, 4)));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(lines.at(-1)).toMatch(/adam .* dTrainer of d_b4 \| d_b4\[1\] dTrainer\/m\/d_b4\[1\] /);
    expect(lines.some((line) => line.includes("d_w3[3136,1024] in panels"))).toBe(true);
  });

  it.each([
    [["train"], "name one step: pretrainStep, discriminatorStep, generatorStep, generate, estimate"],
    [["generate", "--batch", "0"], "--batch is 0; it must be an integer from 1 to 512"],
    [["generate", "--runs", "x"], "--runs is x; it must be an integer from 1 to 10000"],
  ])("refuses %j", async (args, message) => {
    expect(await explain(...args)).toEqual({ stdout: "", stderr: `${message}\n`, code: 1 });
  });

  it.each(STEP_NAMES)("explains %s: every call of its program once", async (name) => {
    const explained = await explainStep(name, BATCH, 1);
    const { graph, steps } = ganSteps(BATCH);
    const program = stepProgram(graph, steps[name]);
    expect(explained.reduce((sum, { calls }) => sum + calls, 0)).toBe(program.calls.length);
    expect(new Set(explained.map(({ step }) => step)).size).toBe(program.steps.length);
    for (const { bytes, extent, origin } of explained) {
      expect(bytes).toBeGreaterThan(0);
      expect(extent).toBeGreaterThan(0);
      expect(origin).not.toBe("");
    }
  });
});
