// Wide registers on the engines that have them: `npm run test:engines`, with the paths of their binaries in
// WASM_GAN_NODE_24 and WASM_GAN_NODE_26 (`npm install node@26` in a folder of its own gives one). Before a version of
// V8 is listed in src/cli/wide/registers.ts, and after every change of a kernel.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasAvx2 } from "../../src/cli/wide/registers.ts";
import type { Tiles } from "../../src/engine/runtime/tiles.ts";
import { fileDigest, writeIdxFolder } from "../cli/command-line.ts";

const WIDE = "--experimental-wasm-revectorize";
const OPTIMIZE_ALL = ["--no-liftoff", "--no-wasm-lazy-compilation"];
const root = resolve(import.meta.dirname, "../..");
const main = join(root, "dist/cli/main.js");
const run = promisify(execFile);

/** Enough for the session to change its tiles on the way, a second after the first. Each takes 50 ms or more. */
const STEPS = 40;
const TRAINING = ["train", "--data", "idx", "--batch", "25", "--steps", `${STEPS}`, "--sample-every", `${STEPS}`];

let folder = "";
let expected = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wasm-gan-engines-"));
  writeIdxFolder(join(folder, "idx"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Trained {
  /** Of the last checkpoint. */
  readonly digest: string;
  readonly stderr: string;
  /** How often the main thread called a kernel in wide tiles while it trained. */
  readonly wideCalls: number;
}

/** Trains with the command line as it was built. */
async function trained(node: string, out: string, ...flags: string[]): Promise<Trained> {
  const preload = join(import.meta.dirname, "count-wide-calls.mjs");
  const counts = join(folder, `${out}.json`);
  const env = { ...process.env, WIDE_CALLS: counts };
  const { stderr } = await run(node, ["--import", preload, main, ...TRAINING, "--out", out, ...flags], {
    cwd: folder,
    env,
  });
  return {
    digest: fileDigest(join(folder, out, `00000-seed7/checkpoints/000000${STEPS}.safetensors`)),
    stderr,
    // The self-test's instances come first, the GAN's is the last.
    wideCalls: (JSON.parse(readFileSync(counts, "utf8")) as number[]).at(-1)!,
  };
}

/** On a busy machine the probe of tiles errs now and then, one way or the other, but not three times in a row. */
async function trainedIn(tiles: Tiles, node: string, out: string, ...flags: string[]): Promise<Trained> {
  for (let attempt = 1; ; attempt++) {
    const result = await trained(node, `${out}-${attempt}`, ...flags);
    if (result.wideCalls > 0 === (tiles === "wide") || attempt === 3) return result;
  }
}

describe.each([24, 26])("Node %i", { timeout: 300_000 }, (major) => {
  const variable = `WASM_GAN_NODE_${major}`;
  const binary = process.env[variable];
  if (binary === undefined) {
    it.skip(`is not there: ${variable} names no binary`);
    return;
  }
  if (!hasAvx2()) {
    it.skip("has no wide registers here: the processor is without AVX2");
    return;
  }

  it("is what the variable says", async () => {
    const { stdout } = await run(binary, ["--version"]);
    expect(stdout).toMatch(new RegExp(`^v${major}\\.`));
  });

  it.each(["kernels.wasm", "kernels-shared.wasm"])("optimizes all of %s with wide registers", async (name) => {
    const compile = `new WebAssembly.Module(require("fs").readFileSync("dist/${name}")); console.log("optimized")`;
    const { stdout } = await run(binary, [WIDE, ...OPTIMIZE_ALL, "-e", compile], { cwd: root });
    expect(stdout).toBe("optimized\n");
  });

  it.each([
    ["without", []],
    ["with", [WIDE]],
    ["with nothing but optimized code and", [WIDE, "--no-liftoff"]],
    ["told to use, on a processor without,", [WIDE, "--no-liftoff", "--no-enable-avx2"]],
  ])("gets the stored digests %s wide registers", async (_, flags) => {
    const script = join(root, "test/determinism/print-digests.ts");
    const { stdout } = await run(binary, [...flags, "--import", "tsx", script], { cwd: root });
    const stored = JSON.parse(readFileSync(join(root, "test/determinism/digests.json"), "utf8")) as object;
    expect(JSON.parse(stdout)).toEqual((stored as { digests: unknown }).digests);
  });

  it("estimates a training with wide registers on, as it would be", async () => {
    const dryRun = async (...flags: string[]): Promise<string> =>
      (await run(binary, [main, "train", "--dry-run", "--batch", "4", "--out", join(folder, "none"), ...flags])).stdout;
    expect(await dryRun()).toMatch(/^wide registers: on$/m);
    expect(await dryRun("--no-wide")).not.toContain("wide");
  });

  it.each([
    ["one thread", "1"],
    ["two", "2"],
  ])("trains to the same checkpoint as this Node, with wide registers on, in %s", async (_, threads) => {
    if (expected === "") expected = (await trained(process.execPath, "expected", "--threads", "1")).digest;
    const wide = await trainedIn("wide", binary, `wide-${major}-${threads}`, "--threads", threads);
    expect(wide.stderr).toMatch(/^wide registers: on$/m);
    expect(
      wide.wideCalls,
      "calls in wide tiles: none where the probe erred, or the training was too short for it",
    ).toBeGreaterThan(0);
    expect(wide.digest).toBe(expected);
    const plain = await trainedIn("plain", binary, `plain-${major}-${threads}`, "--threads", threads, "--no-wide");
    expect(plain.stderr).not.toContain("wide");
    expect(plain.wideCalls).toBe(0);
    expect(plain.digest).toBe(expected);
  });
});
