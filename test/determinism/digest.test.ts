// The determinism contract: the same bits in every process, under every compiler of V8, and side by side.
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { NUMERICS_VERSION } from "../../src/index.ts";
import { inputDigests, trainings, TrainingToDigest } from "./digests.ts";

interface Stored {
  readonly numericsVersion: number;
  readonly digests: Readonly<Record<string, string>>;
}

const UPDATE = "UPDATE_DIGESTS=1 npx vitest run test/determinism";
const MOVED =
  "Bits moved. If that was not on purpose, a kernel, the order of a sum or a random stream has changed: find it. " +
  "If it was, raise NUMERICS_VERSION in src/engine/numerics-version.ts, so that old checkpoints are refused, " +
  `and run: ${UPDATE}`;

const file = fileURLToPath(new URL("digests.json", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));

/** All digests of GANs that train side by side, alternating at each step. */
async function digestsSideBySide(): Promise<Record<string, string>> {
  const digests = await inputDigests();
  const running = await Promise.all(
    Object.entries(trainings).map(async ([name, training]) => ({ name, gan: await TrainingToDigest.begin(training) })),
  );
  let unfinished = running;
  while (unfinished.length > 0) unfinished = unfinished.filter(({ gan }) => gan.step());
  for (const { name, gan } of running) digests[name] = gan.digest();
  return digests;
}

/** All digests of GANs that train one after the other, in a process of their own. */
async function digestsOfProcess(flags: readonly string[]): Promise<unknown> {
  const script = fileURLToPath(new URL("print-digests.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, "--import", "tsx", script], { cwd: root });
  return JSON.parse(stdout) as unknown;
}

describe("digests of weights, random numbers and data", () => {
  let stored: Stored;

  beforeAll(async () => {
    if (process.env.UPDATE_DIGESTS === "1") {
      if (process.env.CI !== undefined) throw new Error("UPDATE_DIGESTS is set in CI, where digests are only checked");
      const updated: Stored = { numericsVersion: NUMERICS_VERSION, digests: await digestsSideBySide() };
      writeFileSync(file, `${JSON.stringify(updated, undefined, 2)}\n`);
    }
    stored = JSON.parse(readFileSync(file, "utf8")) as Stored;
  });

  test("are stored for this NUMERICS_VERSION", () => {
    expect(stored.numericsVersion, `NUMERICS_VERSION was raised; store the digests that belong to it: ${UPDATE}`).toBe(
      NUMERICS_VERSION,
    );
    expect(new Set(Object.values(stored.digests)).size).toBe(Object.keys(trainings).length + 4);
  });

  test("in one process, all GANs side by side", async () => {
    expect(await digestsSideBySide(), MOVED).toEqual(stored.digests);
  });

  test.each([
    ["as it is", []],
    ["with V8's baseline compiler only", ["--liftoff-only"]],
    ["with V8's optimizing compiler only", ["--no-liftoff"]],
    ["without AVX, AVX2 and FMA3", ["--no-enable-avx", "--no-enable-avx2", "--no-enable-fma3"]],
  ])(
    "in another process, Node %s",
    async (_, flags) => {
      expect(await digestsOfProcess(flags), MOVED).toEqual(stored.digests);
    },
    180_000,
  );
});
