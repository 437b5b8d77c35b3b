import { resolve } from "node:path";
import { integer, namesOf, number } from "../../engine/value-kinds.ts";
import {
  firstDifference,
  GAN_SETTINGS,
  readSettings,
  RECIPE_SETTINGS,
  TRAIN_SETTINGS,
  type OptionalSettings,
  type Settings,
} from "../../gan/configuration.ts";
import { recipes, type Recipe, type RecipeName } from "../../gan/recipes.ts";
import { usageError } from "../terminal/exit-codes.ts";
import { flagOf } from "../terminal/option-values.ts";

/** The settings of a run that cannot change once it has begun. */
interface FixedCounts {
  readonly seed: number;
  readonly batch: number;
  readonly zDim: number;
}

/** How far a run goes and how often it writes files: a resume may change it. */
interface ChangeableCounts {
  readonly steps: number;
  readonly sampleEvery: number;
  readonly checkpointEvery: number;
  readonly keep: number;
}

/** Names of files hold eight digits of a step. */
const MOST_STEPS = 99_999_999;

/** The settings of a run that stay as they are when it is resumed. */
export const FIXED_SETTINGS: OptionalSettings<FixedCounts> = {
  seed: GAN_SETTINGS.seed,
  batch: GAN_SETTINGS.batchSize,
  zDim: GAN_SETTINGS.zDim,
};

/** The settings of a run that a resume may change. The command line has no 0 for "never". */
export const CHANGEABLE_SETTINGS: OptionalSettings<ChangeableCounts> = {
  steps: { ...TRAIN_SETTINGS.steps, kind: integer(0, MOST_STEPS) },
  sampleEvery: { ...TRAIN_SETTINGS.sampleEvery, kind: integer(1, MOST_STEPS) },
  checkpointEvery: { ...TRAIN_SETTINGS.checkpointEvery, kind: integer(1, MOST_STEPS) },
  keep: { sentence: "latest checkpoints to keep", kind: integer(0, MOST_STEPS), note: "0 = all", default: 5 },
};

const RATES = number("a number above 0 and at most 1", (rate) => rate > 0 && rate <= 1);
const FROM_RECIPE = { note: "default: the recipe's" };

/** The numbers of a recipe that the command line can override, in the ranges that make sense there. */
export const OVERRIDE_SETTINGS: Settings<Pick<Recipe, "pretrain" | "discriminatorRate" | "generatorRate">> = {
  pretrain: { ...RECIPE_SETTINGS.pretrain, kind: integer(0, MOST_STEPS), ...FROM_RECIPE },
  discriminatorRate: { ...RECIPE_SETTINGS.discriminatorRate, kind: RATES, ...FROM_RECIPE },
  generatorRate: { ...RECIPE_SETTINGS.generatorRate, kind: RATES, ...FROM_RECIPE },
};

/** Flags that belong to a run and are kept in its config.json. */
export interface RunFlags extends FixedCounts, ChangeableCounts {
  readonly data: string;
  readonly recipe: RecipeName;
  readonly pretrain: number | undefined;
  readonly discriminatorRate: number | undefined;
  readonly generatorRate: number | undefined;
}

/** The settings of a run, as config.json holds them. */
export interface RunSettings extends FixedCounts, ChangeableCounts {
  /** `digits`, `mnist`, or the full path of a folder with IDX files. */
  readonly data: string;
  /** The recipe's name, and its numbers after what the command line overrides. */
  readonly recipe: Recipe & { readonly name: RecipeName };
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
  const check = (flag: keyof RunFlags, given: unknown, found: unknown): void => {
    if (!isGiven(flag) || given === found) return;
    throw usageError(`${flagOf(flag)} ${String(given)} contradicts the run to be resumed, which has ${String(found)}`);
  };
  check("data", dataSource(flags.data), run.data);
  check("recipe", flags.recipe, recipe.name);
  for (const name of namesOf(FIXED_SETTINGS)) check(name, flags[name], run[name]);
  for (const name of namesOf(OVERRIDE_SETTINGS)) check(name, flags[name], recipe[name]);
  return { ...run, ...readSettings(CHANGEABLE_SETTINGS, (name) => (isGiven(name) ? flags : run)[name]) };
}

/** A run's recipe without its name, as createGan takes it. */
export function recipeNumbers({ recipe: { name: _, ...numbers } }: RunSettings): Recipe {
  return numbers;
}

/** A recipe in words: its name, whether the command line changed it, and its five numbers. */
export function describeRecipe({ name, ...numbers }: RunSettings["recipe"]): string {
  const { pretrain, discriminatorRate, generatorRate, beta1, trainBeta } = numbers;
  const isChanged = firstDifference(RECIPE_SETTINGS, numbers, recipes[name]) !== undefined;
  const rates = `rates D ${discriminatorRate} G ${generatorRate}`;
  const betas = trainBeta ? "betas trained" : "betas fixed";
  return `recipe ${name}${isChanged ? ", changed" : ""}: pretrain ${pretrain}, ${rates}, β₁ ${beta1}, ${betas}`;
}

function namedRecipe(flags: RunFlags): RunSettings["recipe"] {
  const recipe = recipes[flags.recipe];
  return { name: flags.recipe, ...recipe, ...readSettings(OVERRIDE_SETTINGS, (name) => flags[name] ?? recipe[name]) };
}

function dataSource(data: string): string {
  return data === "digits" || data === "mnist" ? data : resolve(data);
}
