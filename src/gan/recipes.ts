import { checkOptionNames } from "../engine/arguments.ts";
import { ArgumentError } from "../engine/errors.ts";
import type { Recipe, RecipeName } from "./types.ts";

/**
 * The named recipes. `tutorial` is the original program to the letter: its discriminator wins, and readable digits are
 * far away. `balanced` differs in these five numbers only and draws readable digits within a few thousand iterations.
 */
export const recipes: Readonly<Record<RecipeName, Recipe>> = {
  balanced: { pretrain: 0, discriminatorRate: 1e-4, generatorRate: 5e-4, beta1: 0.5, trainBeta: true },
  tutorial: { pretrain: 300, discriminatorRate: 3e-4, generatorRate: 1e-4, beta1: 0.9, trainBeta: false },
};

/** A recipe from its name or its numbers. @throws ArgumentError for an unknown name or a number outside its range. */
export function resolveRecipe(recipe: RecipeName | Recipe): Recipe {
  if (typeof recipe !== "string") return checkedRecipe(recipe);
  if (Object.hasOwn(recipes, recipe)) return { ...recipes[recipe] };
  throw new ArgumentError(`recipe "${String(recipe)}" does not exist; there are ${Object.keys(recipes).join(" and ")}`);
}

function checkedRecipe(recipe: Recipe): Recipe {
  if (typeof recipe !== "object" || recipe === null) {
    throw new ArgumentError(`recipe ${String(recipe)} is neither a name nor a record of five numbers`);
  }
  checkOptionNames("recipe", recipe, Object.keys(recipes.tutorial));
  const { pretrain, discriminatorRate, generatorRate, beta1, trainBeta } = recipe;
  const rule = (name: keyof Recipe, holds: boolean, what: string): void => {
    if (!holds) throw new ArgumentError(`recipe: ${name} is ${String(recipe[name])}; it must be ${what}`);
  };
  const isRate = (rate: number): boolean => Number.isFinite(rate) && rate > 0;
  rule("pretrain", Number.isSafeInteger(pretrain) && pretrain >= 0, "an integer ≥ 0");
  rule("discriminatorRate", isRate(discriminatorRate), "a finite number above 0");
  rule("generatorRate", isRate(generatorRate), "a finite number above 0");
  rule("beta1", Number.isFinite(beta1) && beta1 >= 0 && beta1 < 1, "a number in [0, 1)");
  rule("trainBeta", typeof trainBeta === "boolean", "true or false");
  return { pretrain, discriminatorRate, generatorRate, beta1, trainBeta };
}
