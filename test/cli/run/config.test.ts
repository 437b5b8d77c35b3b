import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readRunConfig, writeRunConfig } from "../../../src/cli/run/config.ts";
import { temporaryFolder } from "../command-line.ts";

/** As wasm-gan 0.1.0 wrote it. */
const WRITTEN = `{
  "format": "wasm-gan-run/1",
  "data": {
    "source": "digits",
    "name": "digits",
    "sha256": "7226389f977401b24a6e8e937412743ecf8a9e34e9373816f856da53c84dbde6"
  },
  "seed": 7,
  "batch": 50,
  "zDim": 100,
  "recipe": {
    "name": "tutorial",
    "pretrain": 10,
    "discriminatorRate": 0.0003,
    "generatorRate": 0.0001,
    "beta1": 0.9,
    "trainBeta": false
  },
  "steps": 100000,
  "sampleEvery": 100,
  "checkpointEvery": 500,
  "keep": 5
}
`;

function configFile(text: string): string {
  const path = join(temporaryFolder(), "config.json");
  writeFileSync(path, text);
  return path;
}

describe("config.json", () => {
  it("is read as it was always written, and written so again", async () => {
    const path = configFile(WRITTEN);
    const config = readRunConfig(path);
    expect(config.settings).toMatchObject({ data: "digits", seed: 7, batch: 50, zDim: 100, steps: 100_000, keep: 5 });
    expect(config.settings.recipe).toMatchObject({ name: "tutorial", pretrain: 10, beta1: 0.9, trainBeta: false });
    await writeRunConfig(path, config);
    expect(readFileSync(path, "utf8")).toBe(WRITTEN);
  });

  it.each([
    ['"batch": 50', '"batch": 513', /batch is 513, which it cannot be/],
    ['"zDim": 100', '"zDim": 102', /zDim is 102, which it cannot be/],
    ['"seed": 7', '"seed": "7"', /seed is "7", which it cannot be/],
    ['"keep": 5', '"keep": -1', /keep is -1, which it cannot be/],
    ['"sampleEvery": 100,', "", /sampleEvery is missing/],
    ['"name": "tutorial"', '"name": "toString"', /recipe\.name is "toString", which it cannot be/],
    ['"beta1": 0.9', '"beta1": 1', /recipe\.beta1 is 1, which it cannot be/],
    ['"generatorRate": 0.0001', '"generatorRate": 0', /recipe\.generatorRate is 0, which it cannot be/],
    ['"trainBeta": false', '"trainBeta": 0', /recipe\.trainBeta is 0, which it cannot be/],
    ['"sha256": "7', '"sha256": "x', /data\.sha256 is "x2.*", which it cannot be/],
    ["wasm-gan-run/1", "wasm-gan-run/2", /format is "wasm-gan-run\/2", which it cannot be/],
  ])("is refused with %s → %s", (found, replaced, message) => {
    expect(WRITTEN).toContain(found);
    expect(() => readRunConfig(configFile(WRITTEN.replace(found, replaced)))).toThrow(message);
  });
});
