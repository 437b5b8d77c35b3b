// Compares the table of settings with the other texts about the same options: their documentation, and --help.
import { readFileSync } from "node:fs";
import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { declareTrainFlags } from "../../src/cli/train/flags.ts";
import { CHANGEABLE_SETTINGS, FIXED_SETTINGS, OVERRIDE_SETTINGS } from "../../src/cli/run/settings.ts";
import * as dataSet from "../../src/data/data-set.ts";
import {
  DEFAULT_RECIPE,
  GAN_SETTINGS,
  RECIPE_SETTINGS,
  TRAIN_SETTINGS,
  type OptionalSetting,
  type Setting,
} from "../../src/gan/configuration.ts";
import * as imageSize from "../../src/gan/image-size.ts";
import { recipes } from "../../src/gan/recipes.ts";
import { flagOf } from "../../src/cli/terminal/option-values.ts";

/** The comment above a field of an interface, on one line. */
function documentationOf(file: string, interfaceName: string, field: string): string {
  const text = readFileSync(new URL(`../../src/gan/${file}`, import.meta.url), "utf8");
  const body = text.slice(text.indexOf(`export interface ${interfaceName} `)).split(/^}/m)[0]!;
  const comment = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s*readonly ${field}\\??:`).exec(body)?.[1];
  return (comment ?? `no comment on ${field}`).replace(/\s*\n\s*\*?\s*/g, " ").trim();
}

/** The required beginning of a setting's documentation. */
function sentenceOf(setting: Setting<unknown> & Partial<OptionalSetting<unknown>>): string {
  const { sentence, kind, default: usual } = setting;
  const rule = kind.rule.replace(/2\^53-1 \(\d+\)/, "2⁵³−1");
  const text = `${sentence[0]!.toUpperCase()}${sentence.slice(1)}, ${rule}`;
  return usual === undefined ? `${text}.` : `${text}; default ${Number(usual).toLocaleString("en-US")}.`;
}

describe("the table of settings", () => {
  it.each([
    ["types.ts", "GanOptions", GAN_SETTINGS],
    ["recipes.ts", "Recipe", RECIPE_SETTINGS],
    ["train/trainer.ts", "TrainOptions", TRAIN_SETTINGS],
  ])("says what the documentation in %s says of %s", (file, interfaceName, settings) => {
    for (const [name, setting] of Object.entries<Setting<unknown>>(settings)) {
      const sentence = sentenceOf(setting);
      expect(documentationOf(file, interfaceName, name).slice(0, sentence.length)).toBe(sentence);
    }
  });

  it("says what the table in README.md says", () => {
    const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
    for (const [name, { kind, default: usual }] of Object.entries<OptionalSetting<unknown>>(GAN_SETTINGS)) {
      const row = new RegExp(`^\\| \`${name}\` +\\| (.*?) +\\| (.*?) +\\|`, "m").exec(readme) ?? [];
      const numbersOf = (text = ""): string[] => (text.replace("2⁵³−1", "2^53-1").match(/2\^53-1|\d+/g) ?? []).sort();
      expect([name, numbersOf(row[1]), row[2]]).toEqual([
        name,
        numbersOf(kind.rule.replace(/ \(\d+\)/, "")),
        String(usual),
      ]);
    }
  });

  it("names the default recipe as the documentation does", () => {
    expect(documentationOf("types.ts", "GanOptions", "recipe")).toContain(`default "${DEFAULT_RECIPE}"`);
  });

  it("includes its own defaults and every recipe", () => {
    const tables = [GAN_SETTINGS, TRAIN_SETTINGS, FIXED_SETTINGS, CHANGEABLE_SETTINGS];
    for (const { kind, default: usual } of tables.flatMap((table) => Object.values<OptionalSetting<unknown>>(table))) {
      expect([kind.rule, kind.includes(usual), kind.parse(String(usual))]).toEqual([kind.rule, true, usual]);
    }
    for (const recipe of Object.values(recipes)) {
      expect(Object.keys(recipe)).toEqual(Object.keys(RECIPE_SETTINGS));
      for (const [name, { kind }] of Object.entries<Setting<unknown>>(RECIPE_SETTINGS)) {
        expect([name, kind.includes(Object.entries(recipe).find(([key]) => key === name)![1])]).toEqual([name, true]);
      }
    }
  });

  it("is what --help says of a flag: its sentence, its range and its default", () => {
    const { options } = declareTrainFlags(new Command("train"));
    const settings = { ...FIXED_SETTINGS, ...CHANGEABLE_SETTINGS, ...OVERRIDE_SETTINGS };
    for (const [name, setting] of Object.entries<Setting<unknown> & Partial<OptionalSetting<unknown>>>(settings)) {
      const option = options.find(({ long }) => long === flagOf(name));
      expect(option?.attributeName()).toBe(name);
      expect(option?.description).toContain(`${setting.sentence}, ${setting.kind.rule}`);
      expect(option?.defaultValue).toBe(setting.default);
    }
    expect(options.find(({ long }) => long === "--recipe")?.argChoices).toEqual(Object.keys(recipes));
  });
});

it("the GAN's images have the size of a data set's", () => {
  expect(imageSize.IMAGE_SIDE).toBe(dataSet.IMAGE_SIDE);
  expect(imageSize.IMAGE_PIXELS).toBe(dataSet.IMAGE_PIXELS);
  expect(imageSize.IMAGE_PIXELS).toBe(imageSize.IMAGE_SIDE * imageSize.IMAGE_SIDE);
});
