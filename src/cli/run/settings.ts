import { resolve } from "node:path";
import { recipes } from "../../gan/recipes.ts";
import type { Recipe, RecipeName } from "../../gan/types.ts";
import { usageError } from "../terminal/exit-codes.ts";

/** Flags that belong to a run and are kept in its config.json. */
export interface RunFlags {
  readonly data: string;
  readonly steps: number;
  readonly pretrain: number | undefined;
  readonly batch: number;
  readonly zDim: number;
  readonly seed: number;
  readonly recipe: RecipeName;
  readonly discriminatorRate: number | undefined;
  readonly generatorRate: number | undefined;
  readonly sampleEvery: number;
  readonly checkpointEvery: number;
  readonly keep: number;
}

/** What a run does: config.json holds it. */
export interface RunSettings {
  /** `digits`, `mnist`, or the full path of a folder with IDX files. */
  readonly data: string;
  readonly seed: number;
  readonly batch: number;
  readonly zDim: number;
  /** The recipe's name, and its numbers after what the command line overrides. */
  readonly recipe: Recipe & { readonly name: RecipeName };
  readonly steps: number;
  readonly sampleEvery: number;
  readonly checkpointEvery: number;
  readonly keep: number;
}

/** Tells whether a flag was given on the command line. */
export type IsGiven = (flag: keyof RunFlags | "out") => boolean;

/** The settings of a new run. */
export function newSettings(flags: RunFlags): RunSettings {
  const { seed, batch, zDim, steps, sampleEvery, checkpointEvery, keep } = flags;
  const data = dataSource(flags.data);
  return { data, seed, batch, zDim, recipe: namedRecipe(flags), steps, sampleEvery, checkpointEvery, keep };
}

/**
 * The settings with which a run goes on: its own, but how far and how often may change.
 * @throws CommandError where a given flag contradicts what the run was begun with
 */
export function resumedSettings(run: RunSettings, flags: RunFlags, isGiven: IsGiven): RunSettings {
  const { recipe } = run;
  const fixed: [keyof RunFlags, string, unknown, unknown][] = [
    ["data", "--data", dataSource(flags.data), run.data],
    ["batch", "--batch", flags.batch, run.batch],
    ["zDim", "--z-dim", flags.zDim, run.zDim],
    ["seed", "--seed", flags.seed, run.seed],
    ["recipe", "--recipe", flags.recipe, recipe.name],
    ["pretrain", "--pretrain", flags.pretrain, recipe.pretrain],
    ["discriminatorRate", "--discriminator-rate", flags.discriminatorRate, recipe.discriminatorRate],
    ["generatorRate", "--generator-rate", flags.generatorRate, recipe.generatorRate],
  ];
  for (const [flag, name, given, found] of fixed) {
    if (!isGiven(flag) || given === found) continue;
    throw usageError(`${name} ${String(given)} contradicts the run to be resumed, which has ${String(found)}`);
  }
  const choose = (flag: "steps" | "sampleEvery" | "checkpointEvery" | "keep"): number =>
    isGiven(flag) ? flags[flag] : run[flag];
  return {
    ...run,
    steps: choose("steps"),
    sampleEvery: choose("sampleEvery"),
    checkpointEvery: choose("checkpointEvery"),
    keep: choose("keep"),
  };
}

/** A run's recipe without its name, as createGan takes it. */
export function recipeNumbers({ recipe }: RunSettings): Recipe {
  const { pretrain, discriminatorRate, generatorRate, beta1, trainBeta } = recipe;
  return { pretrain, discriminatorRate, generatorRate, beta1, trainBeta };
}

/** A recipe in words: its name, whether the command line changed it, and its five numbers. */
export function describeRecipe({ name, ...numbers }: RunSettings["recipe"]): string {
  const { pretrain, discriminatorRate, generatorRate, beta1, trainBeta } = numbers;
  const own = recipes[name];
  const isChanged = (Object.keys(own) as (keyof Recipe)[]).some((key) => numbers[key] !== own[key]);
  const rates = `rates D ${discriminatorRate} G ${generatorRate}`;
  const betas = trainBeta ? "betas trained" : "betas fixed";
  return `recipe ${name}${isChanged ? ", changed" : ""}: pretrain ${pretrain}, ${rates}, β₁ ${beta1}, ${betas}`;
}

function namedRecipe({ recipe: name, pretrain, discriminatorRate, generatorRate }: RunFlags): RunSettings["recipe"] {
  const recipe = recipes[name];
  return {
    name,
    ...recipe,
    pretrain: pretrain ?? recipe.pretrain,
    discriminatorRate: discriminatorRate ?? recipe.discriminatorRate,
    generatorRate: generatorRate ?? recipe.generatorRate,
  };
}

function dataSource(data: string): string {
  return data === "digits" || data === "mnist" ? data : resolve(data);
}
