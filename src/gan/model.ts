import { Graph } from "../engine/graph/graph.ts";
import type { Tensor, Variable } from "../engine/graph/tensor.ts";
import type { Update } from "../engine/graph/update.ts";
import { binaryCrossEntropy } from "../engine/nn/index.ts";
import { add } from "../engine/ops/index.ts";
import { adam } from "../engine/optim/index.ts";
import { discriminator } from "./discriminator.ts";
import { generator } from "./generator.ts";
import { IMAGE_SIDE } from "./image-size.ts";
import type { Recipe } from "./recipes.ts";
import type { LossName, TrainerName } from "./types.ts";

/** The tutorial's graph: its feeds, its results and its training steps. */
export interface GanModel {
  readonly graph: Graph;
  /** The discriminator's logits of the fed images, [batch, 1]. */
  readonly logits: Tensor;
  /** The sampler's images of the fed sampleZ, [batch, 28, 28, 1]. */
  readonly samples: Tensor;
  readonly losses: Readonly<Record<LossName, Tensor>>;
  readonly discriminatorVariables: readonly Variable[];
  readonly generatorVariables: readonly Variable[];
  readonly trainers: Readonly<Record<TrainerName, Update>>;
}

/** Builds the graph, in the tutorial's order. */
export function ganModel(zDim: number, recipe: Recipe): GanModel {
  const graph = new Graph();
  const z = graph.placeholder("z", [null, zDim]); // the noise the generator starts from
  const images = graph.placeholder("images", [null, IMAGE_SIDE, IMAGE_SIDE, 1]); // real images

  const gz = generator(graph, z, zDim); // generated images
  const dx = discriminator(graph, images); // logits of real images
  const dg = discriminator(graph, gz, true); // logits of generated images, by the same variables

  const dLossReal = binaryCrossEntropy(dx, 1); // real images should be taken for real
  const dLossFake = binaryCrossEntropy(dg, 0); // generated ones should not
  const dLoss = add(dLossReal, dLossFake);
  const gLoss = binaryCrossEntropy(dg, 1); // the generator wants its images taken for real

  // The trainers pick their variables by name: the three bn/beta match neither list, so the original never trains them.
  const all = [...graph.variables.values()];
  const dVars = all.filter(({ name }) => name.includes("d_"));
  const gVars = all.filter(({ name }) => name.includes("g_") || (recipe.trainBeta && name.endsWith("/beta")));

  const { beta1, discriminatorRate, generatorRate } = recipe;
  const trainer = (name: TrainerName, learningRate: number, loss: Tensor, variables: readonly Variable[]): Update =>
    adam({ name, learningRate, beta1 }).minimize(loss, variables);
  const trainers = {
    dTrainerReal: trainer("dTrainerReal", discriminatorRate, dLossReal, dVars),
    dTrainerFake: trainer("dTrainerFake", discriminatorRate, dLossFake, dVars),
    dTrainer: trainer("dTrainer", discriminatorRate, dLoss, dVars),
    gTrainer: trainer("gTrainer", generatorRate, gLoss, gVars),
  };

  // To sample, the generator is built once more on the same variables; its batch norm sees the batch of sampleZ.
  const samples = generator(graph, graph.placeholder("sampleZ", [null, zDim]), zDim, true);

  return {
    graph,
    logits: dx,
    samples,
    losses: { dLossReal, dLossFake, dLoss, gLoss },
    discriminatorVariables: dVars,
    generatorVariables: gVars,
    trainers,
  };
}
