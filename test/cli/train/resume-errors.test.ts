import { mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeSafetensors, encodeSafetensors, type SafetensorsTensor } from "../../../src/formats/safetensors.ts";
import { NUMERICS_VERSION } from "../../../src/engine/numerics-version.ts";
import {
  CommandLine,
  stampsOf,
  copyRun,
  filesIn,
  metricsOf,
  temporaryFolder,
  wasmGan,
  writeIdxFolder,
} from "../command-line.ts";

let folder = "";
let original = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "wasm-gan-errors-"));
  const data = join(folder, "idx");
  writeIdxFolder(data);
  const sizes = [
    "--batch",
    "2",
    "--z-dim",
    "4",
    "--steps",
    "2",
    "--sample-every",
    "1",
    "--checkpoint-every",
    "1",
    "--keep",
    "0",
  ];
  expect(await wasmGan(folder, "train", "--data", data, ...sizes)).toMatchObject({ code: 0 });
  original = join(folder, "runs", "00000-seed7");
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const checkpoint = (run: string, step: number): string => join(run, "checkpoints", `0000000${step}.safetensors`);

/** Changes a checkpoint's content, with a digest that fits. */
async function edit(
  path: string,
  change: (tensors: Map<string, SafetensorsTensor>, metadata: Map<string, string>) => void,
): Promise<void> {
  const content = await decodeSafetensors(readFileSync(path));
  const [tensors, metadata] = [new Map(content.tensors), new Map(content.metadata)];
  change(tensors, metadata);
  writeFileSync(path, await encodeSafetensors({ tensors, metadata }));
}

/** Resuming ends with this code and one line; nothing in the run has changed. */
async function expectRefusal(run: string, code: number, message: RegExp | string, ...flags: string[]): Promise<void> {
  const before = stampsOf(run);
  const refused = await wasmGan(run, "train", "--resume", run, "--steps", "3", "--quiet", ...flags);
  expect([refused.stderr, refused.code]).toEqual([refused.stderr, code]);
  expect(refused.stderr).toMatch(/^wasm-gan: [^\n]+\n$/);
  expect(refused.stderr).toMatch(message);
  expect(stampsOf(run)).toEqual(before);
}

describe.concurrent("a resume that cannot be", { timeout: 180_000 }, () => {
  it("refuses flags that contradict the run, and names both values", async ({ onTestFinished }) => {
    const run = copyRun(original, onTestFinished);
    const contradictions: [string[], RegExp][] = [
      [["--batch", "3"], /--batch 3 contradicts.*has 2/],
      [["--z-dim", "8"], /--z-dim 8 contradicts.*has 4/],
      [["--seed", "8"], /--seed 8 contradicts.*has 7/],
      [["--recipe", "tutorial"], /--recipe tutorial contradicts.*has balanced/],
      [["--pretrain", "5"], /--pretrain 5 contradicts.*has 0/],
      [["--generator-rate", "0.1"], /--generator-rate 0\.1 contradicts.*has 0\.0005/],
      [["--discriminator-rate", "0.1"], /--discriminator-rate 0\.1 contradicts.*has 0\.0001/],
      [["--data", "digits"], /--data digits contradicts.*idx/],
      [["--steps", "1"], /--steps 1 contradicts.*has 2 iterations/],
      [["--out", "elsewhere"], /--out elsewhere contradicts/],
    ];
    const before = stampsOf(run);
    const refusals = await Promise.all(
      contradictions.map(([flags]) => wasmGan(run, "train", "--resume", run, "--dry-run", ...flags)),
    );
    refusals.forEach(({ code, stderr }, i) => {
      expect([contradictions[i]![0], code]).toEqual([contradictions[i]![0], 2]);
      expect(stderr).toMatch(contradictions[i]![1]);
    });
    expect(stampsOf(run)).toEqual(before);
    const same = ["--batch", "2", "--recipe", "balanced", "--pretrain", "0", "--data", join(folder, "idx")];
    expect(await wasmGan(run, "train", "--resume", run, "--dry-run", ...same)).toMatchObject({ code: 0 });
  });

  it("ends with 3 where there is no run, or a part of it is missing or damaged", async ({ onTestFinished }) => {
    expect(await wasmGan(folder, "train", "--resume", "nowhere")).toMatchObject({ code: 3 });
    expect(await wasmGan(folder, "train", "--resume", "--out", "empty")).toMatchObject({ code: 3 });
    expect(await wasmGan(folder, "train", "--resume", join(folder, "idx"))).toMatchObject({ code: 3 });
    const run = copyRun(original, onTestFinished);
    const config = readFileSync(join(run, "config.json"), "utf8");
    for (const [text, message] of [
      [config.slice(0, -20), "config.json is damaged"],
      [config.replace('"batch": 2', '"batch": 0'), "batch is 0"],
      [config.replace('"seed": 7,', ""), "seed is missing"],
      ["[]", "format is missing"],
    ] as const) {
      writeFileSync(join(run, "config.json"), text);
      await expectRefusal(run, 3, message);
    }
    rmSync(join(run, "config.json"));
    await expectRefusal(run, 3, "config.json is missing");
  });

  it("ends with 3 where metrics before the checkpoint are damaged, and goes on where they were deleted", async ({
    onTestFinished,
  }) => {
    const run = copyRun(original, onTestFinished);
    const [header, first, second] = readFileSync(join(run, "metrics.csv"), "utf8").split("\n");
    writeFileSync(join(run, "metrics.csv"), `${header}\n${first}\n${second}\n`.replace("train,1", "train,5"));
    await expectRefusal(run, 3, "metrics.csv: a row is missing before train,5");
    rmSync(join(run, "metrics.csv"));
    expect(await wasmGan(run, "train", "--resume", run, "--steps", "3")).toMatchObject({ code: 0 });
    expect(metricsOf(run)).toMatch(/^phase[^\n]*\ntrain,2,[^\n]*\n$/);
  });

  it("ends with 3 where the newest checkpoint is damaged, names it and an earlier one, and takes that if told", async ({
    onTestFinished,
  }) => {
    const run = copyRun(original, onTestFinished);
    truncateSync(checkpoint(run, 2), 1_000_000);
    await expectRefusal(run, 3, /00000002\.safetensors: .*the checkpoint before it is .*00000001\.safetensors/);
    const resumed = await wasmGan(run, "train", "--resume", checkpoint(run, 1), "--steps", "2");
    expect(resumed).toMatchObject({ code: 0 });
    expect(metricsOf(run)).toBe(metricsOf(original));
    expect(filesIn(run)).toContain("checkpoints/00000002.safetensors.set-aside");
    expect(readFileSync(checkpoint(run, 2)).equals(readFileSync(checkpoint(original, 2)))).toBe(true);
  });

  it("ends with 3 where the checkpoints are gone that the metrics tell of", async ({ onTestFinished }) => {
    const run = copyRun(original, onTestFinished);
    rmSync(join(run, "checkpoints"), { recursive: true });
    await expectRefusal(run, 3, "has lost the run's checkpoints");
  });

  it("ends with 3 at a bit flipped anywhere, a tensor too few, another configuration, other data", async ({
    onTestFinished,
  }) => {
    const run = copyRun(original, onTestFinished);
    const bytes = readFileSync(checkpoint(run, 2));
    bytes[20_000_000]! ^= 4;
    writeFileSync(checkpoint(run, 2), bytes);
    await expectRefusal(run, 3, "damaged");
    const fresh = copyRun(original, onTestFinished);
    await edit(checkpoint(fresh, 2), (tensors) => tensors.delete("gTrainer/m/g_w3"));
    await expectRefusal(fresh, 3, "no tensor gTrainer/m/g_w3");
    await edit(checkpoint(fresh, 1), (_, metadata) => metadata.set("seed", "8"));
    renameSync(checkpoint(fresh, 1), checkpoint(fresh, 2));
    await expectRefusal(fresh, 3, "seed 8, the run has 7");
    const moved = copyRun(original, onTestFinished);
    const config = readFileSync(join(moved, "config.json"), "utf8").replace(/"sha256": "./, '"sha256": "f');
    writeFileSync(join(moved, "config.json"), config.replace(/"sha256": "f(.)/, '"sha256": "fe'));
    await expectRefusal(moved, 3, /has SHA-256 \w{64}; the run was begun with fe\w{62}/);
  });

  it("ends with 2 at another NUMERICS_VERSION, and goes on when that is allowed", async ({ onTestFinished }) => {
    const run = copyRun(original, onTestFinished);
    await edit(checkpoint(run, 2), (_, metadata) => metadata.set("numericsVersion", "99"));
    await expectRefusal(run, 2, new RegExp(`NUMERICS_VERSION 99.* ${NUMERICS_VERSION}.*--allow-numerics-change`));
    const allowed = await wasmGan(run, "train", "--resume", run, "--steps", "3", "--allow-numerics-change");
    expect(allowed).toMatchObject({ code: 0 });
    expect((await decodeSafetensors(readFileSync(checkpoint(run, 3)))).metadata.get("numericsVersion")).toBe(
      String(NUMERICS_VERSION),
    );
  });
});

describe.concurrent("a run in which something goes wrong", { timeout: 180_000 }, () => {
  it("ends with 1 where another process trains in it, and leaves that one alone", async ({ onTestFinished }) => {
    const cwd = temporaryFolder(onTestFinished);
    const flags = ["--data", join(folder, "idx"), "--batch", "2", "--z-dim", "4", "--sample-every", "1", "--json"];
    const first = new CommandLine(["train", ...flags], cwd);
    await first.prints('"type":"sample"');
    const second = await wasmGan(cwd, "train", "--resume");
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(new RegExp(`^wasm-gan: process ${first.process.pid} trains in this run [^\n]+\n$`));
    first.process.kill("SIGINT");
    expect(await first.done).toMatchObject({ code: 130 });
  });

  it("stops at a loss that is not finite: names step and tensor, keeps the last good checkpoint, ends with 1", async ({
    onTestFinished,
  }) => {
    const run = copyRun(original, onTestFinished);
    await edit(checkpoint(run, 2), (tensors) => {
      const { shape, values } = tensors.get("d_w4")!;
      tensors.set("d_w4", { shape, values: values.map(() => 3e38) });
    });
    await expectRefusalAfterStart(run);
  });

  async function expectRefusalAfterStart(run: string): Promise<void> {
    const before = stampsOf(join(run, "checkpoints"));
    const failed = await wasmGan(run, "train", "--resume", run, "--steps", "9", "--quiet");
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(
      /^wasm-gan: step 2: dLoss\w+ is (NaN|Infinity)[^\n]*the last good checkpoint is [^\n]*00000002\.safetensors\n$/,
    );
    expect(stampsOf(join(run, "checkpoints"))).toEqual(before);
    expect(filesIn(run)).not.toContain("lock");
  }
});
