// A recipe is one entry of one table. Here a copy of the built package gets a third one, in its file of recipes and
// nowhere else, and the command trains with it, resumes it and draws with it.
import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { decodeSafetensors } from "../../../src/formats/safetensors.ts";
import { CommandLine, contentOf, metricsOf, temporaryFolder, writeIdxFolder, type Outcome } from "../command-line.ts";

const ROOT = resolve(import.meta.dirname, "../../..");

const GENTLE = { pretrain: 1, discriminatorRate: 2e-5, generatorRate: 3e-4, beta1: 0.25, trainBeta: true };

/** The command of a copy of dist/ that has a recipe more. */
function commandWithRecipe(folder: string, name: string, recipe: object): string {
  for (const part of ["cli", "data", "engine", "formats", "gan"]) {
    cpSync(join(ROOT, "dist", part), join(folder, "dist", part), { recursive: true });
  }
  cpSync(join(ROOT, "package.json"), join(folder, "package.json"));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const path = join(folder, "dist/gan/recipes.js");
  const text = readFileSync(path, "utf8");
  const [before, after, ...more] = text.split("    tutorial: {");
  expect([after, more], "the table has one entry for tutorial").toEqual([expect.any(String), []]);
  writeFileSync(path, `${before}    ${name}: ${JSON.stringify(recipe)},\n    tutorial: {${after}`);
  return join(folder, "dist/cli/main.js");
}

it("a third recipe is one entry: it is trained, resumed with the same bits, and drawn with", async () => {
  const folder = temporaryFolder();
  const main = commandWithRecipe(join(folder, "package"), "gentle", GENTLE);
  const run = async (...args: string[]): Promise<Outcome> => await new CommandLine(args, folder, main).done;
  writeIdxFolder(join(folder, "idx"));
  const flags = ["--recipe", "gentle", "--data", "idx", "--batch", "2", "--z-dim", "4", "--sample-every", "1"];

  const [begun, whole] = await Promise.all([
    run("train", ...flags, "--steps", "1"),
    run("train", ...flags, "--steps", "2", "--out", "whole"),
  ]);
  expect([begun, whole]).toMatchObject([{ code: 0 }, { code: 0 }]);
  expect(begun.stdout).toMatch(/^recipe gentle: pretrain 1, rates D 0\.00002 G 0\.0003, β₁ 0\.25, betas trained$/m);
  const config = JSON.parse(readFileSync(join(folder, "runs/00000-seed7/config.json"), "utf8")) as object;
  expect(config).toMatchObject({ recipe: { name: "gentle", ...GENTLE } });

  expect(await run("train", "--resume", "--steps", "2", "--recipe", "gentle")).toMatchObject({ code: 0 });
  expect(metricsOf(join(folder, "runs/00000-seed7"))).toBe(metricsOf(join(folder, "whole/00000-seed7")));
  const last = "checkpoints/00000002.safetensors";
  const resumed = contentOf(join(folder, "runs/00000-seed7"));
  expect(resumed[last]).toBe(contentOf(join(folder, "whole/00000-seed7"))[last]);
  const { metadata } = await decodeSafetensors(readFileSync(join(folder, "runs/00000-seed7", last)));
  expect(metadata.get("recipe/beta1")).toBe("0.25");

  const [sample, contradiction, help] = await Promise.all([
    run("sample", "runs/00000-seed7", "--count", "4"),
    run("train", "--resume", "--steps", "2", "--recipe", "tutorial"),
    run("train", "--help"),
  ]);
  expect([sample.code, contradiction.code]).toEqual([0, 2]);
  expect(contradiction.stderr).toContain("--recipe tutorial contradicts the run to be resumed, which has gentle");
  expect(help.stdout).toMatch(/"balanced",\s+"gentle",\s+"tutorial"/);
});
