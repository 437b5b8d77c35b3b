import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { decode } from "fast-png";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stampsOf, copyRun, filesIn, temporaryFolder, wasmGan, writeIdxFolder } from "../command-line.ts";

let folder = "";
let run = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "wasm-gan-sample-"));
  writeIdxFolder(join(folder, "idx"));
  const sizes = ["--batch", "2", "--z-dim", "4", "--steps", "2", "--sample-every", "2", "--checkpoint-every", "1"];
  expect(await wasmGan(folder, "train", "--data", "idx", ...sizes)).toMatchObject({ code: 0 });
  run = join(folder, "runs", "00000-seed7");
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Width and height of a sheet of rows and columns, as gridPicture lays it out. */
const sheet = (columns: number, rows: number): { width: number; height: number } => ({
  width: 2 * (2 + columns * 30),
  height: 2 * (2 + rows * 30),
});

describe.concurrent("wasm-gan sample", { timeout: 180_000 }, () => {
  it("draws 64 images of the newest checkpoint in 8 rows and prints where they are", async ({ onTestFinished }) => {
    const cwd = temporaryFolder(onTestFinished);
    const before = stampsOf(run);
    expect(await wasmGan(cwd, "sample", run)).toEqual({
      code: 0,
      signal: null,
      stdout: "00000-seed7-00000002.png\n",
      stderr: "",
    });
    expect(decode(readFileSync(join(cwd, "00000-seed7-00000002.png")))).toMatchObject({
      ...sheet(8, 8),
      channels: 1,
      depth: 8,
    });
    expect(stampsOf(run)).toEqual(before);
  });

  it("draws the same pictures each time, others from another seed or checkpoint", async ({ onTestFinished }) => {
    const cwd = temporaryFolder(onTestFinished);
    const draw = async (name: string, ...args: string[]): Promise<unknown> => {
      expect(await wasmGan(cwd, "sample", ...args, "--out", name)).toMatchObject({ code: 0, stdout: `${name}\n` });
      return decode(readFileSync(join(cwd, name))).data;
    };
    const wanted = await draw("a.png", run);
    expect(await draw("a.png", run, "--seed", "7")).toEqual(wanted);
    expect(await draw("b.png", run, "--seed", "8")).not.toEqual(wanted);
    expect(await draw("c.png", join(run, "checkpoints", "00000001.safetensors"))).not.toEqual(wanted);
    expect(filesIn(cwd)).toEqual(["a.png", "b.png", "c.png"]);
  });

  it("draws as many as asked for, as nearly square as they go, and says it as JSON", async ({ onTestFinished }) => {
    const cwd = temporaryFolder(onTestFinished);
    for (const [count, columns, rows] of [
      [1, 1, 1],
      [7, 3, 3],
      [512, 23, 23],
    ] as const) {
      const { code, stdout } = await wasmGan(cwd, "sample", run, "--count", String(count), "--out", "x.png", "--json");
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toEqual({ type: "sample", file: "x.png", count, phase: "train", step: 2 });
      expect(decode(readFileSync(join(cwd, "x.png")))).toMatchObject(sheet(columns, rows));
    }
  });

  it("ends with 3 where there is no run or checkpoint, or it is damaged", async ({ onTestFinished }) => {
    const cwd = temporaryFolder(onTestFinished);
    const damaged = copyRun(run, onTestFinished);
    truncateSync(join(damaged, "checkpoints", "00000002.safetensors"), 5000);
    writeFileSync(join(cwd, "text"), "no checkpoint");
    for (const [place, message] of [
      ["nowhere", "there is no run or checkpoint nowhere"],
      [cwd, "is no run with a checkpoint"],
      ["text", "text: safetensors"],
      [damaged, "00000001.safetensors"],
    ] as const) {
      const { code, stderr } = await wasmGan(cwd, "sample", place);
      expect([place, code]).toEqual([place, 3]);
      expect(stderr).toMatch(/^wasm-gan: [^\n]+\n$/);
      expect(stderr).toContain(message);
    }
    expect(filesIn(cwd)).toEqual(["text"]);
  });

  it("ends with 1 and leaves the old picture where it cannot write", async ({ onTestFinished }) => {
    const cwd = temporaryFolder(onTestFinished);
    writeFileSync(join(cwd, "file"), "");
    const { code, stderr } = await wasmGan(cwd, "sample", run, "--out", "file/x.png");
    expect(code).toBe(1);
    expect(stderr).toMatch(/^wasm-gan: cannot write file\/x\.png: [^\n]+\n$/);
  });
});
