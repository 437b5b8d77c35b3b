// Wide registers on the engines that have them: `npm run test:engines`, with the paths of their binaries in
// WASM_GAN_NODE_24 and WASM_GAN_NODE_26 (`npm install node@26` in a folder of its own gives one). Before a version of V8
// is listed in src/cli/wide-registers.ts, and after every change of a kernel.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileDigest } from "../cli/command-line.ts";

const WIDE = "--experimental-wasm-revectorize";
const OPTIMIZE_ALL = ["--no-liftoff", "--no-wasm-lazy-compilation"];
const root = resolve(import.meta.dirname, "../..");
const run = promisify(execFile);

/** So many that the session changes its tiles on the way. */
const TRAINING = ["train", "--steps", "12", "--pretrain", "0", "--sample-every", "12", "--recipe", "balanced"];

let folder = "";
let expected = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wasm-gan-engines-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Trains with the command line as it was built; the digest of the last checkpoint, and what was said. */
async function trained(node: string, out: string, ...flags: string[]): Promise<{ digest: string; stderr: string }> {
  const main = join(root, "dist/cli/main.js");
  const { stderr } = await run(node, [main, ...TRAINING, "--out", out, ...flags], { cwd: folder });
  return { digest: fileDigest(join(folder, out, "00000-seed7/checkpoints/00000012.safetensors")), stderr };
}

describe.each([24, 26])("Node %i", { timeout: 300_000 }, (major) => {
  const variable = `WASM_GAN_NODE_${major}`;
  const binary = process.env[variable];
  if (binary === undefined) {
    it.skip(`is not there: ${variable} names no binary`);
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
  ])("gets the stored digests %s wide registers", async (_, flags) => {
    const script = join(root, "test/determinism/print-digests.ts");
    const { stdout } = await run(binary, [...flags, "--import", "tsx", script], { cwd: root });
    const stored = JSON.parse(readFileSync(join(root, "test/determinism/digests.json"), "utf8")) as object;
    expect(JSON.parse(stdout)).toEqual((stored as { digests: unknown }).digests);
  });

  it.each([
    ["one thread", "1"],
    ["two", "2"],
  ])("trains to the same checkpoint as this Node, with wide registers on, in %s", async (_, threads) => {
    if (expected === "") expected = (await trained(process.execPath, "expected", "--threads", "1")).digest;
    const wide = await trained(binary, `wide-${major}-${threads}`, "--threads", threads);
    expect(wide.stderr).toMatch(/^wide registers: on$/m);
    expect(wide.digest).toBe(expected);
    const plain = await trained(binary, `plain-${major}-${threads}`, "--threads", threads, "--no-wide");
    expect(plain.stderr).not.toContain("wide");
    expect(plain.digest).toBe(expected);
  });
});
