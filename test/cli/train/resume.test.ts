import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeSafetensors, encodeSafetensors } from "../../../src/formats/safetensors.ts";
import {
  CommandLine,
  contentOf,
  copyRun,
  filesIn,
  metricsOf,
  temporaryFolder,
  wasmGan,
  writeIdxFolder,
} from "../command-line.ts";

/** Pre-training, so that all four Adams have a state, then iterations; small, but with the GAN's own layers. */
const SIZES = ["--batch", "2", "--z-dim", "4", "--pretrain", "3", "--steps", "12"];
const FILES = ["--sample-every", "2", "--checkpoint-every", "8", "--keep", "0"];

describe("a run that is stopped and resumed", { timeout: 180_000 }, () => {
  let folder = "";
  let train: string[] = [];
  let whole = "";
  let wanted: Record<string, string> = {};

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "wasm-gan-resume-"));
    writeIdxFolder(join(folder, "idx"));
    train = ["train", "--json", "--data", join(folder, "idx"), ...SIZES, ...FILES];
    expect(await wasmGan(folder, ...train, "--out", "whole")).toMatchObject({ code: 0 });
    whole = join(folder, "whole", "00000-seed7");
    wanted = contentOf(whole);
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** The same weights, moments and pictures, and the same numbers at every step. */
  function expectSameRun(run: string): void {
    expect(metricsOf(run)).toBe(metricsOf(whole));
    const mine = contentOf(run);
    const kept = Object.keys(wanted).filter((path) => /^(samples|checkpoints)/.test(path));
    expect(kept).toHaveLength(6 + 2);
    for (const path of kept) expect([path, mine[path]]).toEqual([path, wanted[path]]);
    expect(filesIn(run).filter((path) => /lock|tmp|aside/.test(path))).toEqual([]);
  }

  /** A run that got a signal after its first step, and said how it ended. */
  async function stopEarly(cwd: string, signal: "SIGINT" | "SIGTERM", code: number): Promise<void> {
    const process = new CommandLine(train, cwd);
    await process.prints('"type":"pretrain"');
    process.process.kill(signal);
    const stopped = await process.done;
    expect(stopped).toMatchObject({ code, signal: null });
    expect(stopped.stderr).toContain("stopping after this step");
    const end = JSON.parse(stopped.stdout.trim().split("\n").at(-1) ?? "") as { stopped: boolean; checkpoint: string };
    expect(end.stopped).toBe(true);
    expect(filesIn(cwd)).toContain(end.checkpoint);
    expect(filesIn(cwd)).not.toContain("runs/00000-seed7/lock");
  }

  it("has the same bits after Ctrl-C, which writes a checkpoint and ends with 130", async ({ onTestFinished }) => {
    const cwd = temporaryFolder(onTestFinished);
    await stopEarly(cwd, "SIGINT", 130);
    expect(await wasmGan(cwd, "train", "--resume")).toMatchObject({ code: 0 });
    expectSameRun(join(cwd, "runs", "00000-seed7"));
  });

  it("ends with 143 after SIGTERM, with a checkpoint", async ({ onTestFinished }) => {
    await stopEarly(temporaryFolder(onTestFinished), "SIGTERM", 143);
  });

  it("quits at once at a second signal, gives the lock back, and can be resumed", async ({ onTestFinished }) => {
    const cwd = temporaryFolder(onTestFinished);
    const process = new CommandLine(train, cwd);
    await process.prints('"type":"pretrain"');
    process.process.kill("SIGINT");
    process.process.kill("SIGTERM");
    // Two signals that are both pending may be delivered in either order; the later one decides.
    const { code, signal } = await process.done;
    expect({ code: code === 130 || code === 143, signal }).toEqual({ code: true, signal: null });
    expect(filesIn(cwd)).not.toContain("runs/00000-seed7/lock");
    expect(await wasmGan(cwd, "train", "--resume", "--dry-run")).toMatchObject({ code: 0 });
  });

  it("has the same bits after kill -9 in the middle; rows and samples after the checkpoint are made again", async ({
    onTestFinished,
  }) => {
    const cwd = temporaryFolder(onTestFinished);
    const process = new CommandLine(train, cwd);
    await process.prints('"type":"sample","step":10');
    process.process.kill("SIGKILL");
    expect(await process.done).toMatchObject({ code: null, signal: "SIGKILL" });
    const run = join(cwd, "runs", "00000-seed7");
    expect(filesIn(run)).toContain("lock");
    expect(filesIn(run)).toContain("samples/00000010.png");
    writeFileSync(join(run, "checkpoints", "00000012.safetensors.1.tmp"), "half");
    const resumed = await wasmGan(cwd, "train", "--resume", run, "--json");
    expect(resumed).toMatchObject({ code: 0 });
    expect(JSON.parse(resumed.stdout.split("\n")[0] ?? "")).toMatchObject({ type: "start", phase: "train", step: 8 });
    expectSameRun(run);
  });

  it("has the same bits after a kill before its first checkpoint: it starts over", async ({ onTestFinished }) => {
    const cwd = temporaryFolder(onTestFinished);
    const process = new CommandLine(train, cwd);
    await process.prints('"type":"pretrain"');
    process.process.kill("SIGKILL");
    await process.done;
    const run = join(cwd, "runs", "00000-seed7");
    expect(readdirSync(join(run, "checkpoints"))).toEqual([]);
    expect(await wasmGan(cwd, "train", "--resume")).toMatchObject({ code: 0 });
    expectSameRun(run);
  });

  it.concurrent("would not have the same bits without the optimizers' state", async ({ onTestFinished }) => {
    const run = copyRun(whole, onTestFinished);
    const last = join(run, "checkpoints", "00000012.safetensors");
    const wanted = await decodeSafetensors(readFileSync(last));
    rmSync(last);
    const path = join(run, "checkpoints", "00000008.safetensors");
    const { tensors, metadata } = await decodeSafetensors(readFileSync(path));
    const variables = new Map([...tensors].filter(([name]) => !/^[dg]Trainer/.test(name)));
    const forgotten = new Map([...metadata].map(([key, text]) => [key, key.startsWith("t/") ? "0" : text]));
    expect([tensors.size - variables.size, variables.size]).toEqual([2 * (3 * 8 + 11), 19]);
    writeFileSync(path, await encodeSafetensors({ tensors: variables, metadata: forgotten }));
    expect(await wasmGan(run, "train", "--resume", run)).toMatchObject({ code: 0 });
    const found = await decodeSafetensors(readFileSync(last));
    const digest = (values: Float32Array | undefined): string =>
      createHash("sha256").update(new Uint8Array(values!.buffer)).digest("hex");
    const differing = [...variables.keys()].filter(
      (name) => digest(found.tensors.get(name)?.values) !== digest(wanted.tensors.get(name)?.values),
    );
    // The gradients of g_b2 and g_b3, which a batch norm takes away again, are 0: those two never move.
    expect(differing).toHaveLength(17);
  });

  it.concurrent("goes further when --steps says so", async ({ onTestFinished }) => {
    const run = copyRun(whole, onTestFinished);
    expect(await wasmGan(run, "train", "--resume", run, "--quiet")).toMatchObject({ code: 0, stderr: "" });
    expect(metricsOf(run)).toBe(metricsOf(whole));
    expect(await wasmGan(run, "train", "--resume", run, "--steps", "13", "--keep", "2")).toMatchObject({ code: 0 });
    expect(metricsOf(run).startsWith(metricsOf(whole))).toBe(true);
    expect(metricsOf(run).trim().split("\n")).toHaveLength(1 + 3 + 13);
    expect(readdirSync(join(run, "checkpoints"))).toEqual(["00000012.safetensors", "00000013.safetensors"]);
  });
});
