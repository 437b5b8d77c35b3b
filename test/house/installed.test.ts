// The package as somebody gets it: packed, installed into an empty folder with its dependencies, and run by its name.
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packPackage, type PackedPackage } from "../support/packed-package.ts";

const run = promisify(execFile);

describe("the packed package in an empty folder", () => {
  let packed: PackedPackage;
  let folder: string;

  beforeAll(async () => {
    packed = await packPackage();
    folder = mkdtempSync(join(tmpdir(), "wasm-gan-installed-"));
    writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
    await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", packed.tarball], { cwd: folder });
  }, 120_000);

  afterAll(async () => {
    await packed.remove();
    rmSync(folder, { recursive: true });
  });

  test("npx wasm-gan trains", async () => {
    const flags = ["--pretrain", "0", "--steps", "2", "--batch", "4", "--z-dim", "8"];
    const { stdout } = await run("npx", ["wasm-gan", "train", ...flags], { cwd: folder });
    expect(stdout.split("\n")[0]).toMatch(/^recipe balanced/);
    const made = join(folder, "runs", "00000-seed7");
    expect(readdirSync(join(made, "checkpoints"))).toEqual(["00000002.safetensors"]);
    expect(readdirSync(join(made, "samples"))).toEqual(["00000000.png"]);
  }, 120_000);

  test("imports by its name", async () => {
    const program = `
      import { createGan } from "wasm-gan";
      import { digits } from "wasm-gan/data";
      for (const threads of [1, 2]) {
        const gan = await createGan({ batchSize: 2, zDim: 4, threads });
        console.log(gan.threads, gan.generate(gan.latent("sample", 0, 1)).length, digits({ count: 3 }).count);
      }`;
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program], { cwd: folder });
    expect(stdout).toBe("1 784 3\n2 784 3\n");
  });
});
