import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { KERNEL_DIGEST } from "../../src/cli/kernel-digest.ts";
import { kernelDigest } from "../../src/cli/kernel-self-test.ts";
import { useWideRegisters, type Engine } from "../../src/cli/wide-registers.ts";
import { fileDigest, temporaryFolder, wasmGan, writeIdxFolder } from "./command-line.ts";

const WIDE = "--experimental-wasm-revectorize";

/** An engine that notes its flags and is not told of them: this one may not know them. */
function notingEngine(isTested: boolean): { engine: Engine; flags: string[] } {
  const flags: string[] = [];
  return { flags, engine: { isTested, setFlag: (flag) => flags.push(flag) } };
}

describe("wide registers", () => {
  let stored = KERNEL_DIGEST;

  beforeAll(async () => {
    if (process.env.UPDATE_DIGESTS !== "1") return;
    if (process.env.CI !== undefined) throw new Error("UPDATE_DIGESTS is set in CI, where digests are only checked");
    const file = fileURLToPath(new URL("../../src/cli/kernel-digest.ts", import.meta.url));
    stored = await kernelDigest("plain");
    writeFileSync(file, readFileSync(file, "utf8").replace(KERNEL_DIGEST, stored));
  });

  it("have a self-test that gives the stored digest here, in both kinds of tiles", async () => {
    const moved = "Bits moved (see test/determinism); on purpose? UPDATE_DIGESTS=1 npx vitest run test/cli/wide";
    expect(await kernelDigest("plain"), moved).toBe(stored);
    expect(await kernelDigest("wide"), moved).toBe(stored);
  });

  it("are on where the self-test passes, and V8 optimizes as usual again", async () => {
    const { engine, flags } = notingEngine(true);
    const said: string[] = [];
    expect(await useWideRegisters((line) => said.push(line), { engine, digest: stored })).toBe(true);
    expect(said).toEqual([]);
    expect(flags[0]).toBe(WIDE);
    expect(flags).not.toContain(`--no-${WIDE.slice(2)}`);
    expect(flags.slice(-2)).toEqual(["--wasm-tiering-budget=13000000", "--no-wasm-sync-tier-up"]);
  });

  it("are off again, with one line, where it does not", async () => {
    const { engine, flags } = notingEngine(true);
    const said: string[] = [];
    const digest = stored.replace(/^./, (digit) => (digit === "0" ? "1" : "0"));
    expect(await useWideRegisters((line) => said.push(line), { engine, digest })).toBe(false);
    expect(said).toEqual(["wide registers: off, the self-test did not pass"]);
    expect(flags[0]).toBe(WIDE);
    expect(flags.at(-1)).toBe(`--no-${WIDE.slice(2)}`);
    // What is computed afterwards is right.
    expect(await kernelDigest("plain")).toBe(stored);
  });

  it("are left alone in an engine that was not tested with them", async () => {
    const { engine, flags } = notingEngine(false);
    expect(await useWideRegisters(expect.unreachable, { engine })).toBe(false);
    expect(flags).toEqual([]);
  });

  it("change no bit of a training, and --no-wide does without", { timeout: 120_000 }, async () => {
    const cwd = temporaryFolder();
    writeIdxFolder(join(cwd, "idx"));
    const sizes = ["--data", "idx", "--batch", "2", "--z-dim", "4", "--steps", "2", "--threads", "1"];
    const [usual, without] = [
      await wasmGan(cwd, "train", ...sizes, "--out", "usual"),
      await wasmGan(cwd, "train", ...sizes, "--out", "without", "--no-wide"),
    ];
    expect([usual.code, without.code]).toEqual([0, 0]);
    expect(without.stderr).not.toContain("wide");
    const checkpoint = (out: string): string =>
      fileDigest(join(cwd, out, "00000-seed7", "checkpoints", "00000002.safetensors"));
    expect(checkpoint("without")).toBe(checkpoint("usual"));
    const drawn = await wasmGan(cwd, "sample", join("without", "00000-seed7"), "--no-wide", "--count", "1");
    expect(drawn).toMatchObject({ code: 0, stderr: "" });
    const measured = await wasmGan(cwd, "bench", "--no-wide", "--seconds", "1", "--threads", "1", "--json");
    expect(JSON.parse(measured.stdout)).toMatchObject({ wideRegisters: false });
  });
});
