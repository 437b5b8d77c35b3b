/**
 * The configuration of the GAN and of its training: one table. createGan and train check their options with it, the
 * command line makes its flags and their help of it, config.json and checkpoints are read by it, and a test compares it
 * with the documentation of the options.
 */
import { checkOptionNames } from "../engine/arguments.ts";
import { ArgumentError } from "../engine/errors.ts";
import type { KernelSource } from "../engine/runtime/kernels.ts";
import {
  ABOVE_0,
  checkKind,
  FROM_0_BELOW_1,
  integer,
  multipleOf,
  namesOf,
  oneOf,
  SEEDS,
  THREADS,
  trueOrFalse,
} from "../engine/value-kinds.ts";
import type { ValueKind } from "../engine/value-kinds.ts";
import { MOST_AT_ONCE } from "./batch-checks.ts";
import { RECIPE_NAMES, recipes, type Recipe, type RecipeName } from "./recipes.ts";
import type { GanOptions, Phase } from "./types.ts";

/** A number or a choice in a configuration. */
export interface Setting<T> {
  /**
   * The setting in words. The documentation of the option and the flag's line in --help begin with it; kind.rule
   * follows.
   */
  readonly sentence: string;
  readonly kind: ValueKind<T>;
  /** The end of its line in --help. */
  readonly note?: string;
}

/** A setting that need not be given. */
export interface OptionalSetting<T> extends Setting<T> {
  readonly default: T;
}

/** A setting for each field of a record. */
export type Settings<T> = { readonly [K in keyof T]-?: Setting<T[K]> };

/** An optional setting for each field of a record. */
export type OptionalSettings<T> = { readonly [K in keyof T]-?: OptionalSetting<T[K]> };

/** Options of createGan that are not part of the recipe. */
type GanNumbers = Required<Pick<GanOptions, "batchSize" | "zDim" | "seed" | "threads">>;

/** Numbers of train's options. */
export interface TrainCounts {
  readonly steps: number;
  readonly sampleEvery: number;
  readonly checkpointEvery: number;
}

/** The GAN, without its recipe. */
export const GAN_SETTINGS: OptionalSettings<GanNumbers> = {
  batchSize: { sentence: "images a training step sees", kind: integer(1, MOST_AT_ONCE), default: 50 },
  zDim: { sentence: "length of a latent vector", kind: multipleOf(4, 4, 1024), default: 100 },
  seed: { sentence: "seed of everything random", kind: SEEDS, default: 7 },
  threads: { sentence: "threads to use", kind: THREADS, note: "results do not depend on it", default: 1 },
};

/** A recipe. */
export const RECIPE_SETTINGS: Settings<Recipe> = {
  pretrain: { sentence: "pre-training steps of the discriminator before training begins", kind: integer(0) },
  discriminatorRate: { sentence: "learning rate per step of the discriminator's three Adams", kind: ABOVE_0 },
  generatorRate: { sentence: "learning rate per step of the generator's Adam", kind: ABOVE_0 },
  beta1: { sentence: "Adam's β₁ of all four", kind: FROM_0_BELOW_1 },
  trainBeta: {
    sentence: "whether the three batch-norm betas belong to the generator's variables",
    kind: trueOrFalse,
  },
};

/** The name of the recipe that is taken by default. */
export const DEFAULT_RECIPE: RecipeName = "balanced";

/** The training. */
export const TRAIN_SETTINGS: OptionalSettings<TrainCounts> = {
  steps: { sentence: "training iterations in total", kind: integer(0), default: 100_000 },
  sampleEvery: { sentence: "iterations between two samples", kind: integer(0), default: 100 },
  checkpointEvery: { sentence: "steps between two checkpoints", kind: integer(0), default: 500 },
};

/** Settings that a state and the GAN that takes it over must have in common. The seed goes over with the state. */
export const KEPT_SETTINGS: Settings<Recipe & Pick<GanNumbers, "batchSize" | "zDim">> = {
  batchSize: GAN_SETTINGS.batchSize,
  zDim: GAN_SETTINGS.zDim,
  ...RECIPE_SETTINGS,
};

/** Numbers of steps that are complete. */
export const STEPS: ValueKind<number> = integer(0);

/** The two phases of a training. */
export const PHASES: ValueKind<Phase> = oneOf("pretrain", "train");

/** The options of createGan with all defaults filled in. */
export interface GanConfiguration extends GanNumbers {
  readonly recipe: Recipe;
  readonly source: KernelSource;
}

const OPTION_NAMES = [...namesOf(GAN_SETTINGS), "recipe", "module", "bytes", "url"];

/** @throws ArgumentError for an option that does not exist, or has a value outside its range */
export function configurationOf(options: GanOptions): GanConfiguration {
  checkOptionNames("createGan", options, OPTION_NAMES);
  const { recipe = DEFAULT_RECIPE, module, bytes, url } = options;
  const source = { ...(module && { module }), ...(bytes && { bytes }), ...(url !== undefined && { url }) };
  return { ...readOptions(GAN_SETTINGS, options), recipe: resolveRecipe(recipe), source };
}

/** The counts of a training with all defaults filled in. @throws ArgumentError for one outside its range */
export function trainCountsOf(given: Partial<TrainCounts>): TrainCounts {
  return readOptions(TRAIN_SETTINGS, given);
}

function readOptions<T>(settings: OptionalSettings<T>, given: { readonly [K in keyof T]?: T[K] | undefined }): T {
  return readSettings(settings, (name, kind) => {
    const value: unknown = given[name];
    return checkKind(name, kind, value === undefined ? settings[name].default : value);
  });
}

/** A recipe from its name or its numbers. @throws ArgumentError for an unknown name or a number outside its range. */
function resolveRecipe(recipe: RecipeName | Recipe): Recipe {
  if (typeof recipe === "string") {
    if (RECIPE_NAMES.includes(recipe)) return { ...recipes[recipe] };
    throw new ArgumentError(`recipe "${String(recipe)}" does not exist; there are ${namesOf(recipes).join(" and ")}`);
  }
  if (typeof recipe !== "object" || recipe === null) {
    throw new ArgumentError(`recipe ${String(recipe)} is neither a name nor a record of five numbers`);
  }
  checkOptionNames("recipe", recipe, namesOf(RECIPE_SETTINGS));
  return readSettings(RECIPE_SETTINGS, (name, kind) => checkKind(`recipe: ${name}`, kind, recipe[name]));
}

/** A record with a value for every setting of a table, in the table's order. */
export function readSettings<T>(
  settings: Settings<T>,
  read: <K extends keyof T & string>(name: K, kind: ValueKind<T[K]>) => T[K],
): T {
  const record: Partial<T> = {};
  for (const name of namesOf(settings)) record[name] = read(name, settings[name].kind);
  return record as T; // every field of T has a setting, by the type of the table
}

/** The name of the first setting of a table in which two records differ. */
export function firstDifference<T>(settings: Settings<T>, one: T, other: T): (keyof T & string) | undefined {
  return namesOf(settings).find((name) => one[name] !== other[name]);
}
