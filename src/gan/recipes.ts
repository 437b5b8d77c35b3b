import { namesOf, oneOf, type ValueKind } from "../engine/value-kinds.ts";

/** The five numbers in which the recipes of training differ. */
export interface Recipe {
  /** Pre-training steps of the discriminator before training begins, an integer ≥ 0. */
  readonly pretrain: number;
  /** Learning rate per step of the discriminator's three Adams, a finite number above 0. */
  readonly discriminatorRate: number;
  /** Learning rate per step of the generator's Adam, a finite number above 0. */
  readonly generatorRate: number;
  /** Adam's β₁ of all four, a number in [0, 1). */
  readonly beta1: number;
  /**
   * Whether the three batch-norm betas belong to the generator's variables, true or false. The original never trains
   * them.
   */
  readonly trainBeta: boolean;
}

/**
 * The named recipes. `tutorial` is the original program to the letter: its discriminator wins, and readable digits are
 * far away. `balanced` differs in these five numbers only and draws readable digits within a few thousand iterations.
 */
export const recipes = {
  balanced: { pretrain: 0, discriminatorRate: 1e-4, generatorRate: 5e-4, beta1: 0.5, trainBeta: true },
  tutorial: { pretrain: 300, discriminatorRate: 3e-4, generatorRate: 1e-4, beta1: 0.9, trainBeta: false },
} as const;

/** The recipes with a name: `balanced` is the default, `tutorial` is exactly the original program. */
export type RecipeName = keyof typeof recipes;

/** The names of the recipes. */
export const RECIPE_NAMES: ValueKind<RecipeName> = oneOf(...namesOf(recipes));
