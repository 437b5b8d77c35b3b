// The operations and the GAN's steps on the debug build, whose kernels check their contracts: no call of the library
// breaks one, and the checks change no bit.
import { beforeAll, describe, expect, test } from "vitest";
import type { KernelSource } from "../../src/engine/runtime/kernels.ts";

import { createGan, type GanState } from "../../src/index.ts";
import { differences } from "../gan/tiny-gan.ts";
import { sweeps } from "../ops/sweeps.ts";
import { allOps } from "../support/all-ops.ts";
import { debugBuild } from "../support/debug-kernels.ts";
import { goldenImages } from "../support/golden-inputs.ts";
import { KernelProof } from "../support/kernel-proof.ts";
import { fetchesOf } from "../support/op-fetches.ts";
import { casesOf, opGraph, type OpCase } from "../support/op-graph.ts";

let source: KernelSource;
let proof: KernelProof;

beforeAll(async () => {
  source = await debugBuild();
  proof = await KernelProof.create(source);
});

describe("operations", () => {
  const ofOps = allOps.map((op): [string, readonly OpCase[]] => [op.name, casesOf(op)]);
  test.each([...ofOps, ...Object.entries(sweeps)])("%s", (_, cases) => {
    for (const opCase of cases) {
      const built = opGraph(opCase);
      expect(proof.check(opCase.label, fetchesOf(built), built.given).compared).toBeGreaterThan(0);
    }
  });
});

/** The GAN after a step of each kind. Batches of 25 take several chunks; 50 would take twice the time. */
async function stateAfterSteps(kernels: KernelSource): Promise<GanState> {
  const gan = await createGan({ batchSize: 25, zDim: 100, ...kernels });
  const images = goldenImages(3, 0, gan.batchSize);
  gan.pretrainStep(images, gan.latent("pretrain", 0, gan.batchSize));
  gan.discriminatorStep(images, gan.latent("discriminator", 0, gan.batchSize));
  gan.generatorStep(gan.latent("generator", 0, gan.batchSize));
  gan.generate(gan.latent("sample", 0, 4));
  const state = gan.state();
  gan.dispose();
  return state;
}

test("the GAN's steps, with the bits of the release build", async () => {
  const [checked, released] = [await stateAfterSteps(source), await stateAfterSteps({})];
  expect(differences(checked, released)).toEqual([]);
});
