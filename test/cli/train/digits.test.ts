import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dataSetDigest, digits } from "../../../src/data/index.ts";
import { decodeSafetensors } from "../../../src/formats/safetensors.ts";
import { createGan, train } from "../../../src/index.ts";
import { copyRun, stampsOf, wasmGan } from "../command-line.ts";

const SIZES = ["--batch", "2", "--z-dim", "4", "--steps", "2", "--sample-every", "100"];

const digest = (values: Float32Array | undefined): string =>
  createHash("sha256")
    .update(new Uint8Array(values!.buffer, values!.byteOffset, values!.byteLength))
    .digest("hex");

interface Config {
  readonly data: { readonly name: string; readonly sha256: string };
}

describe("wasm-gan train on the built-in digits", { timeout: 180_000 }, () => {
  // What the tests compare with. They are drawn once, by the test that reads them first: all 60,000 take seconds.
  const drawn = digits({ seed: 9 });
  let folder = "";
  let run = "";
  let stdout = "";
  const configOf = (path: string): Config => JSON.parse(readFileSync(join(path, "config.json"), "utf8")) as Config;
  const checkpointOf = async (path: string, step: number): Promise<Awaited<ReturnType<typeof decodeSafetensors>>> =>
    await decodeSafetensors(readFileSync(join(path, "checkpoints", `0000000${step}.safetensors`)));

  /** Makes a copy of the run one that was begun under another SHA-256. */
  function begunWith(sha256: string, atEnd: (cleanUp: () => void) => void): string {
    const copy = copyRun(run, atEnd);
    const config = readFileSync(join(copy, "config.json"), "utf8");
    writeFileSync(join(copy, "config.json"), config.replace(configOf(copy).data.sha256, sha256));
    return copy;
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "wasm-gan-digits-"));
    const outcome = await wasmGan(folder, "train", "--seed", "9", ...SIZES);
    expect(outcome).toMatchObject({ code: 0 });
    ({ stdout } = outcome);
    run = join(folder, "runs", "00000-seed9");
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("says what they are drawn from, and writes an identity that needs no drawing", async () => {
    expect(stdout).toMatch(/^data digits: 60,000 images, drawn from seed 9$/m);
    expect(configOf(run).data).toMatchObject({ source: "digits", name: "digits" });
    const { sha256 } = configOf(run).data;
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect((await checkpointOf(run, 2)).metadata.get("data/sha256")).toBe(sha256);
  });

  it("learns what the library learns from all 60,000 at once", async () => {
    const { images, labels, count } = drawn;
    const gan = await createGan({ batchSize: 2, zDim: 4, seed: 9 });
    for await (const event of train(gan, { images, labels, count }, { steps: 2 })) expect(event).toBeDefined();
    const { tensors } = await checkpointOf(run, 2);
    for (const name of gan.variables.names) {
      expect([name, digest(tensors.get(name)?.values)]).toEqual([name, digest(gan.variables.get(name))]);
    }
    gan.dispose();
  });

  it("goes on with a run that was begun under the SHA-256 of its digits' content, and keeps that", async ({
    onTestFinished,
  }) => {
    const content = await dataSetDigest(drawn);
    expect(content).not.toBe(configOf(run).data.sha256);
    const early = begunWith(content, onTestFinished);
    expect(await wasmGan(early, "train", "--resume", early, "--steps", "3")).toMatchObject({ code: 0 });
    expect(configOf(early).data).toMatchObject({ name: "digits", sha256: content });
    expect((await checkpointOf(early, 3)).metadata.get("data/sha256")).toBe(content);
    const later = copyRun(run, onTestFinished);
    expect(await wasmGan(later, "train", "--resume", later, "--steps", "3")).toMatchObject({ code: 0 });
    expect(configOf(later).data).toEqual(configOf(run).data);
    const digests = async (path: string): Promise<string[]> =>
      [...(await checkpointOf(path, 3)).tensors].map(([name, { values }]) => `${name} ${digest(values)}`);
    expect(await digests(early)).toEqual(await digests(later));
  });

  it("ends with 3 where the run was begun with other digits, and touches nothing", async ({ onTestFinished }) => {
    const other = begunWith("ab".repeat(32), onTestFinished);
    const before = stampsOf(other);
    const refused = await wasmGan(other, "train", "--resume", other, "--steps", "3", "--quiet");
    expect(refused.code).toBe(3);
    expect(refused.stderr).toMatch(
      /^wasm-gan: the data digits has SHA-256 [0-9a-f]{64}; the run was begun with (ab){32}\n$/,
    );
    expect(stampsOf(other)).toEqual(before);
  });
});
