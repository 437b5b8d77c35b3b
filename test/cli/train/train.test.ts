import { mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { decode } from "fast-png";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CommandLine, filesIn, temporaryFolder, wasmGan, writeIdxFolder, type Outcome } from "../command-line.ts";

const SMALL = ["--batch", "2", "--z-dim", "4"];

let folder = "";
let idx = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wasm-gan-train-"));
  idx = join(folder, "idx");
  writeIdxFolder(idx);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Exactly one line on stderr, for people. */
function expectOneLine({ stderr }: Outcome): void {
  expect(stderr).toMatch(/^wasm-gan: [^\n]+\n$/);
  expect(stderr).not.toMatch(/ {4}at |Error:/);
}

describe("wasm-gan train", () => {
  let run = "";
  let outcome: Outcome;
  beforeAll(async () => {
    const sizes = [...SMALL, "--pretrain", "2", "--steps", "5", "--sample-every", "2", "--checkpoint-every", "3"];
    outcome = await wasmGan(folder, "train", "--data", idx, "--recipe", "tutorial", ...sizes, "--keep", "1");
    run = join(folder, "runs", "00000-seed7");
  }, 60_000);

  it("names the recipe in its first line, what to expect of it, and the tutorial's two lists", () => {
    expect(outcome.code).toBe(0);
    const lines = outcome.stdout.split("\n");
    expect(lines[0]).toBe("recipe tutorial, changed: pretrain 2, rates D 0.0003 G 0.0001, β₁ 0.9, betas fixed");
    expect(lines.slice(1, 4).join(" ")).toMatch(
      /grey blobs until about iteration 4,000.*first strokes.*5,000.*9,000.*blank/,
    );
    expect(lines).toContain("d_vars = ['d_w1', 'd_b1', 'd_w2', 'd_b2', 'd_w3', 'd_b3', 'd_w4', 'd_b4']");
    expect(lines).toContain("g_vars = ['g_w1', 'g_b1', 'g_w2', 'g_b2', 'g_w3', 'g_b3', 'g_w4', 'g_b4']");
  });

  it("prints iteration, time and estimate after iterations 0, 2, 4, and progress on stderr", () => {
    const sampled = outcome.stdout.split("\n").filter((line) => line.startsWith("Iteration: "));
    expect(sampled).toHaveLength(3);
    expect(sampled[1]).toMatch(/^Iteration: 2 at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}Estimate: -?\d+\.\d{5}$/);
    // Where the engine has them.
    const progress = outcome.stderr.replace("wide registers: on\n", "");
    expect(progress.split("\n").map((line) => line.split(" | ")[0])).toEqual([
      "tutorial pre-training 1/2",
      "tutorial pre-training 2/2",
      "tutorial 1/5",
      "tutorial 5/5",
      "",
    ]);
  });

  it("leaves configuration, samples and the checkpoints to keep", () => {
    expect(filesIn(run)).toEqual([
      "checkpoints/00000005.safetensors",
      "config.json",
      "metrics.csv",
      "samples/00000000.png",
      "samples/00000002.png",
      "samples/00000004.png",
    ]);
    expect(JSON.parse(readFileSync(join(run, "config.json"), "utf8"))).toMatchObject({
      seed: 7,
      batch: 2,
      zDim: 4,
      steps: 5,
    });
    const { width, height, channels } = decode(readFileSync(join(run, "samples", "00000004.png")));
    expect({ width, height, channels }).toEqual({ width: 2 * (7 * 32 + 242), height: 2 * 242, channels: 1 });
  });

  it("leaves a row of metrics for each step of both phases, the estimate where there is a sample", () => {
    const [header, ...rows] = readFileSync(join(run, "metrics.csv"), "utf8").trimEnd().split("\n");
    expect(header).toBe("phase,step,seconds,dLossReal,dLossFake,gLoss,estimate");
    const cells = rows.map((row) => row.split(","));
    const filled = cells.map(
      ([phase, step, , ...losses]) => `${phase} ${step}: ${losses.filter((cell) => cell !== "").length}`,
    );
    const train = ["train 0: 4", "train 1: 3", "train 2: 4", "train 3: 3", "train 4: 4"];
    expect(filled).toEqual(["pretrain 0: 2", "pretrain 1: 2", ...train]);
    const seconds = cells.map((row) => Number(row[2]));
    expect(seconds).toEqual([...seconds].sort((a, b) => a - b));
  });

  it("numbers the next run one higher, and says all of it as JSON when asked to", async () => {
    const next = await wasmGan(
      folder,
      "train",
      "--data",
      idx,
      ...SMALL,
      "--steps",
      "1",
      "--seed",
      "9",
      "--json",
      "--quiet",
    );
    expect(next).toMatchObject({ code: 0, stderr: "" });
    const records = next.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(records.map(({ type }) => type)).toEqual(["start", "sample", "checkpoint", "end"]);
    expect(records[0]).toMatchObject({
      recipe: { name: "balanced" },
      run: "runs/00001-seed9",
      seed: 9,
      resumedFrom: null,
    });
    expect(records[0]?.d_vars).toContainEqual({ name: "d_w1", shape: [5, 5, 1, 32] });
    expect(records[1]).toMatchObject({ step: 0, file: "runs/00001-seed9/samples/00000000.png" });
    expect(records[3]).toMatchObject({ phase: "train", step: 1, stopped: false });
  });

  it("says what it would do in a dry run, and writes nothing", async ({ onTestFinished }) => {
    const cwd = temporaryFolder(onTestFinished);
    const plan = await wasmGan(cwd, "train", "--data", idx, ...SMALL, "--pretrain", "3", "--steps", "100", "--dry-run");
    expect(plan).toMatchObject({ code: 0, stderr: "" });
    expect(plan.stdout).toMatch(
      /^recipe balanced, changed: pretrain 3, rates D 0\.0001 G 0\.0005, β₁ 0\.5, betas trained\n/,
    );
    expect(plan.stdout).toContain("run runs/00000-seed7: seed 7, batch 2, z-dim 4");
    expect(plan.stdout).toMatch(/steps: 3 of pre-training and 100 iterations, about \d+ /);
    expect(plan.stdout).toMatch(/memory: [\d.]+ MiB/);
    expect(filesIn(cwd)).toEqual([]);
  });

  it("stops with a checkpoint and one line when nobody reads stdout any more", async ({ onTestFinished }) => {
    const cwd = temporaryFolder(onTestFinished);
    const process = new CommandLine(["train", "--data", idx, ...SMALL, "--sample-every", "1"], cwd);
    await process.prints("Iteration: 0");
    process.process.stdout?.destroy();
    const { code, stderr } = await process.done;
    expect(code).toBe(1);
    expect(stderr).toContain("stdout cannot be written");
    expect(stderr).not.toMatch(/ {4}at /);
    expect(filesIn(cwd).filter((path) => path.endsWith(".safetensors"))).toHaveLength(1);
  });
});

describe.concurrent("wasm-gan train, where it cannot", { timeout: 180_000 }, () => {
  const quick = (...args: string[]): string[] => ["train", "--quiet", ...SMALL, "--steps", "1", ...args];

  it("ends with 1 where the folder cannot be written", async ({ onTestFinished }) => {
    const cwd = temporaryFolder(onTestFinished);
    writeFileSync(join(cwd, "file"), "");
    for (const flags of [[], ["--dry-run"]]) {
      const failed = await wasmGan(cwd, ...quick("--data", idx, "--out", "file/runs", ...flags));
      expect(failed.code).toBe(1);
      expectOneLine(failed);
      expect(failed.stderr).toContain("cannot write file/runs");
    }
  });

  it("ends with 1 when it cannot write any more, and keeps what it has written", async ({ onTestFinished }) => {
    const cwd = temporaryFolder(onTestFinished);
    const every = ["--sample-every", "1", "--checkpoint-every", "1"];
    const process = new CommandLine(["train", "--data", idx, ...SMALL, ...every, "--json"], cwd);
    await process.prints('"type":"checkpoint"');
    const run = join(cwd, "runs", "00000-seed7");
    renameSync(join(run, "samples"), join(run, "gone"));
    writeFileSync(join(run, "samples"), "");
    const failed = await process.done;
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/\nwasm-gan: cannot write runs\/00000-seed7\/samples\/\d{8}\.png: [^\n]+\n$/);
    expect(filesIn(join(run, "checkpoints")).length).toBeGreaterThan(0);
    expect(filesIn(cwd).filter((path) => /lock|tmp/.test(path))).toEqual([]);
  });

  it("ends with 3 where data are missing, incomplete, damaged or too few, before it makes a run", async ({
    onTestFinished,
  }) => {
    const cwd = temporaryFolder(onTestFinished);
    const broken = join(cwd, "broken");
    writeIdxFolder(broken);
    truncateSync(join(broken, "train-images-idx3-ubyte"), 5000);
    const half = join(cwd, "half");
    writeIdxFolder(half);
    rmSync(join(half, "train-labels-idx1-ubyte"));
    const cases: [string, string[], string][] = [
      ["nowhere", [], "nowhere does not exist"],
      ["broken", [], "train-images-idx3-ubyte"],
      ["half", [], "train-labels-idx1-ubyte"],
      [idx, ["--batch", "41"], "5040 images, too few"],
    ];
    for (const [data, flags, message] of cases) {
      for (const dry of [[], ["--dry-run"]]) {
        const failed = await wasmGan(cwd, ...quick("--data", data, ...flags, ...dry));
        expect([data, failed.code]).toEqual([data, 3]);
        expectOneLine(failed);
        expect(failed.stderr).toContain(message);
      }
    }
    expect(filesIn(cwd).filter((path) => path.startsWith("runs"))).toEqual([]);
  });
});
