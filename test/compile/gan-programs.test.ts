// Lists the operations of the GAN's programs, one by one. The lists show an operation that no longer joins, merges or
// leaves zeros out.
import { expect, test } from "vitest";
import { ganModel } from "../../src/gan/model.ts";
import { recipes } from "../../src/gan/recipes.ts";
import { gradients } from "../../src/engine/graph/gradients.ts";
import type { Tensor } from "../../src/engine/graph/tensor.ts";
import { sizeOf } from "../../src/engine/shape.ts";
import { operationText } from "../support/operation-text.ts";
import { ganPrograms } from "./gan-programs.ts";
import { compiled } from "./rewritten.ts";

const [BATCH, Z_DIM] = [50, 100];
const { graph, losses, samples, logits, trainers, discriminatorVariables } = ganModel(Z_DIM, recipes.balanced);
const { dLossReal, dLossFake, dLoss, gLoss } = losses;

const step = (fetches: readonly Tensor[], ...names: readonly (keyof typeof trainers)[]): readonly Tensor[] => [
  ...fetches,
  ...names.flatMap((name) => trainers[name].gradients),
];

const programs: Readonly<Record<string, readonly Tensor[]>> = {
  pretraining: step([dLossReal, dLossFake], "dTrainerReal", "dTrainerFake"),
  "the discriminator's step": step([dLossReal, dLossFake], "dTrainer"),
  "the generator's step": step([gLoss], "gTrainer"),
  generate: [samples],
  estimate: [logits],
  "the gradients of dLoss": gradients(dLoss, discriminatorVariables),
};

const shapes = { images: [BATCH, 28, 28, 1], z: [BATCH, Z_DIM], sampleZ: [BATCH, Z_DIM] };

/** All nodes with inputs, each with its shape. */
function operationsOf(roots: readonly Tensor[]): readonly string[] {
  const fed = Object.fromEntries(
    [...graph.placeholders.keys()].map((name) => [name, new Float32Array(sizeOf(shapes[name as keyof typeof shapes]))]),
  );
  return compiled(roots, fed, {})
    .filter(({ inputs }) => inputs.length > 0)
    .map((node) => `${operationText(node)} [${node.shape.join()}]`);
}

test.each(Object.entries(programs))("%s", (name, roots) => {
  expect(operationsOf(roots)).toEqual(ganPrograms[name]);
});
