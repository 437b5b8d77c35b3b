// Runs the tutorial's whole graph on the kernels, and holds every node to its own bound: losses and gradients.
import { expect, test } from "vitest";
import { ganModel } from "../../src/gan/model.ts";
import { recipes } from "../../src/gan/recipes.ts";
import { gradients } from "../../src/engine/graph/gradients.ts";
import { sizeOf } from "../../src/engine/shape.ts";
import { goldenImages, goldenLatent, goldenVariable } from "../support/golden-inputs.ts";
import { KernelProof } from "../support/kernel-proof.ts";

const [BATCH, Z_DIM, SALT] = [1, 8, 4];

test("the GAN's losses and gradients, node by node", async () => {
  const { graph, losses, discriminatorVariables, generatorVariables } = ganModel(Z_DIM, recipes.balanced);
  const weights = [...graph.variables.values()].map(
    ({ name, shape }) => [name, goldenVariable(SALT, name, sizeOf(shape))] as const,
  );
  const fed = {
    ...Object.fromEntries(weights),
    images: goldenImages(SALT, 0, BATCH),
    z: goldenLatent(SALT, 0, BATCH * Z_DIM),
  };
  const roots = [
    ...Object.values(losses),
    // d_w3 has 3 million elements. Its gradient is computed in the same way as that of d_w4.
    ...gradients(
      losses.dLoss,
      discriminatorVariables.filter(({ name }) => name !== "d_w3"),
    ),
    ...gradients(losses.gLoss, generatorVariables),
  ];
  const { compared, operations } = (await KernelProof.create()).check("gan", roots, fed);
  expect(compared).toBeGreaterThan(3_000_000);
  for (const fused of ["mapFilter", "addAt", "conv2d, bias, relu, pool", "matMul, bias, relu", "batchNorm, relu"]) {
    expect(operations).toContain(fused);
  }
});
