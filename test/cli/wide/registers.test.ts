import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { KERNEL_DIGEST } from "../../../src/cli/wide/digest.ts";
import { thisEngine, useWideRegisters, type Engine } from "../../../src/cli/wide/registers.ts";
import { kernelDigest } from "../../../src/cli/wide/self-test.ts";
import { PlacedProgram } from "../../../src/engine/program/placed-program.ts";
import { KERNEL_NAMES } from "../../../src/engine/runtime/kernels.generated.ts";
import { fileDigest, temporaryFolder, wasmGan, writeIdxFolder, type Outcome } from "../command-line.ts";

const WIDE = "--experimental-wasm-revectorize";

/** An engine that notes its flags and is not told of them: this one may not know them. */
function notingEngine(isTested: boolean, givenFlags: string[] = []): { engine: Engine; flags: string[] } {
  const flags: string[] = [];
  return { flags, engine: { isTested, givenFlags, setFlag: (flag) => flags.push(flag) } };
}

/** Trains two small steps in one thread; what came of it, and the digest of the checkpoint. */
async function trained(...flags: string[]): Promise<Outcome & { digest: string }> {
  const cwd = temporaryFolder();
  writeIdxFolder(join(cwd, "idx"));
  const outcome = await wasmGan(
    cwd,
    ...["train", "--data", "idx", "--batch", "2", "--z-dim", "4", "--steps", "2"],
    ...flags,
  );
  return { ...outcome, digest: fileDigest(join(cwd, "runs/00000-seed7/checkpoints/00000002.safetensors")) };
}

describe("wide registers", () => {
  let stored = KERNEL_DIGEST;

  beforeAll(async () => {
    if (process.env.UPDATE_DIGESTS !== "1") return;
    if (process.env.CI !== undefined) throw new Error("UPDATE_DIGESTS is set in CI, where digests are only checked");
    const file = fileURLToPath(new URL("../../../src/cli/wide/digest.ts", import.meta.url));
    stored = await kernelDigest("plain");
    writeFileSync(file, readFileSync(file, "utf8").replace(KERNEL_DIGEST, stored));
  });

  it("have a self-test that gives the stored digest here, in both kinds of tiles", async () => {
    const moved = "Bits moved (see test/determinism); on purpose? UPDATE_DIGESTS=1 npx vitest run test/cli/wide";
    expect(await kernelDigest("plain"), moved).toBe(stored);
    expect(await kernelDigest("wide"), moved).toBe(stored);
  });

  it("have a self-test that runs every kernel with tiles of its own for them", async () => {
    const { run } = PlacedProgram.prototype;
    const called = new Set<string>();
    vi.spyOn(PlacedProgram.prototype, "run").mockImplementation(function (this: PlacedProgram, kernels, arenaBase) {
      for (const { kernel } of this.stepsOf(0, arenaBase).flat()) called.add(kernel);
      run.call(this, kernels, arenaBase);
    });
    await kernelDigest("wide");
    vi.restoreAllMocks();
    const wide = KERNEL_NAMES.filter((name) => name.endsWith("Wide"));
    expect(wide.filter((name) => !called.has(name))).toEqual([]);
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

  it("leave V8 to optimize as the user said, where he did", async () => {
    const given = ["--wasm_tiering_budget=5000", "--no-wasm-sync-tier-up", "--no-warnings", "--wasm-tiering-budgets"];
    const { engine, flags } = notingEngine(true, given);
    expect(await useWideRegisters(expect.unreachable, { engine, digest: stored })).toBe(true);
    expect(flags.slice(-2)).toEqual(given.slice(0, 2));
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

  it("are not used after --no-wide", { timeout: 120_000 }, async () => {
    const { code, stderr } = await trained("--no-wide");
    expect(code).toBe(0);
    expect(stderr).not.toContain("wide");
    const measured = await wasmGan(temporaryFolder(), ..."bench --no-wide --seconds 1 --threads 1 --json".split(" "));
    expect(JSON.parse(measured.stdout)).toMatchObject({ wideRegisters: false });
  });

  // So few steps are over before V8 has optimized a kernel: this compares what is said, and the code of V8's first
  // compiler. `npm run test:engines` trains until the tiles have changed.
  it.skipIf(!thisEngine().isTested)(
    "change no bit of two steps (skipped where V8 has none that were tested)",
    { timeout: 120_000 },
    async () => {
      const [wide, narrow] = [await trained(), await trained("--no-wide")];
      expect([wide.code, narrow.code]).toEqual([0, 0]);
      expect(wide.stderr).toMatch(/^wide registers: on$/m);
      expect(wide.digest).toBe(narrow.digest);
    },
  );

  it("are nothing that sample could be told to do without", async () => {
    const { code, stderr } = await wasmGan(temporaryFolder(), "sample", "run", "--no-wide");
    expect([code, stderr]).toEqual([2, expect.stringContaining("unknown option '--no-wide'")]);
  });
});
