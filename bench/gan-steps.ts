import type { Update } from "../src/engine/graph/update.ts";
import type { Tensor } from "../src/engine/graph/tensor.ts";
import type { Graph } from "../src/engine/graph/graph.ts";
import { ganModel } from "../src/gan/model.ts";
import { recipes } from "../src/gan/recipes.ts";
import { uniform } from "./noise.ts";

export const Z_DIM = 100;

/** What the GAN's methods run. */
export const STEP_NAMES = ["pretrainStep", "discriminatorStep", "generatorStep", "generate", "estimate"] as const;

export type StepName = (typeof STEP_NAMES)[number];

/** A run of the GAN's graph. */
export interface GanStep {
  readonly fetches: Readonly<Record<string, Tensor | Update>>;
  readonly feeds: Readonly<Record<string, Float32Array>>;
}

/** The GAN's graph and its steps, as createGan runs them, on a batch of noise. */
export function ganSteps(batchSize: number): { readonly graph: Graph; readonly steps: Record<StepName, GanStep> } {
  const { graph, losses, trainers, samples, logits } = ganModel(Z_DIM, recipes.balanced);
  const images = uniform(new Float32Array(batchSize * 28 * 28));
  const z = uniform(new Float32Array(batchSize * Z_DIM));
  const { dLossReal, dLossFake, gLoss } = losses;
  const { dTrainerReal, dTrainerFake, dTrainer, gTrainer } = trainers;
  const steps = {
    pretrainStep: { fetches: { dLossReal, dLossFake, real: dTrainerReal, fake: dTrainerFake }, feeds: { images, z } },
    discriminatorStep: { fetches: { dLossReal, dLossFake, update: dTrainer }, feeds: { images, z } },
    generatorStep: { fetches: { gLoss, update: gTrainer }, feeds: { z } },
    generate: { fetches: { samples }, feeds: { sampleZ: z } },
    estimate: { fetches: { logits }, feeds: { images } },
  };
  return { graph, steps };
}
