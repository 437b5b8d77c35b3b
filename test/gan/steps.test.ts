// Compares the effect of one step with what generate, estimate and gradients report of it.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createGan, NonFiniteError, type Gan, type LossName, type TrainerName } from "../../src/index.ts";
import {
  differences,
  differingArrays,
  images,
  iterate,
  latent,
  pretrain,
  sameBits,
  tinyGan,
  weights,
} from "./tiny-gan.ts";

const { fround, sqrt } = Math;

/** mean of log(1 + e^(±logit)): the cross entropy of logits with label 1 (sign −1) or 0 (sign 1), in float64. */
function crossEntropy(logits: Float32Array, sign: 1 | -1): number {
  return logits.reduce((sum, logit) => sum + Math.log1p(Math.exp(sign * logit)), 0) / logits.length;
}

/** The three losses at the current weights. */
function lossesOf(gan: Gan, real: Float32Array, z: Float32Array): Record<"dLossReal" | "dLossFake" | "gLoss", number> {
  const fake = gan.estimate(gan.generate(z));
  return {
    dLossReal: crossEntropy(gan.estimate(real), -1),
    dLossFake: crossEntropy(fake, 1),
    gLoss: crossEntropy(fake, -1),
  };
}

describe("losses are those before the update", () => {
  let gan: Gan;
  beforeAll(async () => {
    gan = await tinyGan();
  });
  afterAll(() => gan.dispose());

  test.each(["pretrainStep", "discriminatorStep", "generatorStep"] as const)("%s", (method) => {
    for (let k = 0; k < 2; k++) {
      const [real, z] = [images(k), latent(k)];
      const before = lossesOf(gan, real, z);
      const losses = Object.entries(method === "generatorStep" ? gan.generatorStep(z) : gan[method](real, z));
      expect(losses.map(([name]) => name)).toEqual(method === "generatorStep" ? ["gLoss"] : ["dLossReal", "dLossFake"]);
      const after = lossesOf(gan, real, z);
      for (const [name, loss] of losses as [keyof typeof before, number][]) {
        expect(Math.abs(loss - before[name]), name).toBeLessThan(3e-7);
        expect(Math.abs(after[name] - before[name]), `${name} moves`).toBeGreaterThan(3e-6);
      }
    }
  });
});

describe("phases and steps", () => {
  test("are counted; pre-training is over with the first step of training", async () => {
    const gan = await tinyGan();
    const seen: unknown[] = [];
    const note = (): unknown => seen.push([gan.phase, gan.step]);
    note();
    pretrain(gan, 0);
    pretrain(gan, 1);
    note();
    gan.discriminatorStep(images(0), latent(0));
    note();
    gan.generatorStep(latent(1));
    note();
    expect(seen).toEqual([
      ["pretrain", 0],
      ["pretrain", 2],
      ["train", 0],
      ["train", 1],
    ]);
    expect(() => pretrain(gan, 2)).toThrow("pretrainStep: training proper has begun");
    expect([gan.phase, gan.step]).toEqual(["train", 1]);
  });

  test("each trainer counts its own updates and moves its own variables", async () => {
    const gan = await tinyGan({ recipe: "balanced" });
    const counts = (): number[] => {
      const { dTrainerReal, dTrainerFake, dTrainer, gTrainer } = gan.state().optimizers;
      return [dTrainerReal, dTrainerFake, dTrainer, gTrainer].map(({ t }) => t);
    };
    const names = (list: Gan["generatorVariables"]): string[] => list.map(({ name }) => name);
    const moved = (step: () => unknown): string[] => {
      const before = weights(gan);
      step();
      return differingArrays(before, weights(gan));
    };
    // The first update of an Adam is ± its rate: the step on real images moves d_b4 up from 0, that on fakes moves it
    // back.
    const without = (name: string): string[] => names(gan.discriminatorVariables).filter((other) => other !== name);
    expect(moved(() => pretrain(gan, 0))).toEqual(without("d_b4"));
    expect(counts()).toEqual([1, 1, 0, 0]);
    expect(moved(() => gan.discriminatorStep(images(0), latent(0)))).toEqual(names(gan.discriminatorVariables));
    expect(counts()).toEqual([1, 1, 1, 0]);
    // The batch norm after these biases takes away what they add to a channel, so their gradient is exactly 0.
    const idle = ["g_b2", "g_b3"];
    expect(moved(() => gan.generatorStep(latent(0)))).toEqual(
      names(gan.generatorVariables).filter((name) => !idle.includes(name)),
    );
    expect(counts()).toEqual([1, 1, 1, 1]);
  });

  test("the tutorial's recipe never moves a beta", async () => {
    const gan = await tinyGan({ recipe: "tutorial" });
    iterate(gan, 0);
    for (const name of ["bn1/beta", "bn2/beta", "bn3/beta"]) {
      expect(gan.variables.get(name).every((value) => Object.is(value, 0))).toBe(true);
    }
  });
});

describe("gradients", () => {
  const LOSSES: readonly LossName[] = ["dLossReal", "dLossFake", "dLoss", "gLoss"];

  test("change nothing, for any loss", async () => {
    const gan = await tinyGan({ recipe: "balanced" });
    iterate(gan, 0);
    const before = gan.state();
    for (const loss of LOSSES) {
      const variables = loss === "gLoss" ? gan.generatorVariables : gan.discriminatorVariables;
      const got = gan.gradients(loss, images(1), latent(1));
      expect([...got].map(([name, values]) => [name, values.length])).toEqual(
        variables.map(({ name, shape }) => [name, shape.reduce((size, dim) => size * dim, 1)]),
      );
      expect(differingArrays(got, gan.gradients(loss, images(1), latent(1)))).toEqual([]);
    }
    expect(differences(before, gan.state())).toEqual([]);
  });

  test("gLoss ignores the images", async () => {
    const gan = await tinyGan();
    const nothing = new Float32Array(0);
    expect(
      differingArrays(gan.gradients("gLoss", nothing, latent(0)), gan.gradients("gLoss", images(0), latent(0))),
    ).toEqual([]);
  });

  // The first update of an Adam leaves m = (1 − β₁)·g and v = (1 − β₂)·g².
  test.each(["tutorial", "balanced"] as const)("are what a step of recipe %s applies", async (recipe) => {
    const gan = await tinyGan({ recipe });
    const [real, z] = [images(0), latent(0)];
    const gain1 = fround(1 - gan.recipe.beta1);
    const applied = (loss: LossName, trainer: TrainerName, step: () => unknown): void => {
      const gradients = gan.gradients(loss, real, z);
      step();
      const { t, slots } = gan.state().optimizers[trainer];
      expect(t).toBe(1);
      const expected = new Map([...gradients].map(([name, g]) => [name, g.map((value) => fround(gain1 * value))]));
      expect(differingArrays(flushed(slots.m!), flushed(expected)), trainer).toEqual([]);
    };
    applied("dLoss", "dTrainer", () => gan.discriminatorStep(real, z));
    applied("gLoss", "gTrainer", () => gan.generatorStep(z));
  });
});

/** A copy in which the moments that Adam treats as nothing, |m| < 2⁻¹⁰⁰, are 0, and no zero has a sign. */
function flushed(arrays: ReadonlyMap<string, Float32Array>): Map<string, Float32Array> {
  const flush = (value: number): number => (Math.abs(value) < 2 ** -100 ? 0 : value);
  return new Map([...arrays].map(([name, values]) => [name, values.map(flush)]));
}

describe("a step of pre-training", () => {
  test("takes both gradients at the weights before it, then applies real, then fake", async () => {
    const gan = await tinyGan();
    const [real, z] = [images(0), latent(0)];
    const before = weights(gan);
    const gradients = { real: gan.gradients("dLossReal", real, z), fake: gan.gradients("dLossFake", real, z) };
    gan.pretrainStep(real, z);
    const { optimizers, variables } = gan.state();
    let orderShows = 0;
    for (const { name } of gan.discriminatorVariables) {
      const [byReal, byFake] = [gradients.real.get(name)!, gradients.fake.get(name)!].map(firstUpdate);
      const [w, m, moved] = [before.get(name)!, optimizers.dTrainerFake.slots.m!.get(name)!, variables.get(name)!];
      const expectedM = gradients.fake.get(name)!.map((value) => fround(fround(1 - 0.9) * value));
      expect(differingArrays(flushed(new Map([[name, m]])), flushed(new Map([[name, expectedM]])))).toEqual([]);
      const realFirst = w.map((value, i) => fround(fround(value - byReal![i]!) - byFake![i]!));
      const fakeFirst = w.map((value, i) => fround(fround(value - byFake![i]!) - byReal![i]!));
      expect(sameBits(moved, realFirst), name).toBe(true);
      orderShows += realFirst.reduce((count, value, i) => count + (value === fakeFirst[i] ? 0 : 1), 0);
    }
    expect(orderShows, "values that tell the two orders apart").toBeGreaterThan(1000);
  });

  /**
   * The amount by which the tutorial's Adam lowers a weight in its first update, in float32 as the kernel computes it.
   */
  function firstUpdate(gradient: Float32Array): Float32Array {
    const rate = fround((3e-4 * sqrt(1 - 0.999)) / (1 - 0.9));
    const [gain1, gain2, epsilon] = [fround(1 - 0.9), fround(1 - 0.999), fround(1e-8)];
    const moment = (value: number): number => (Math.abs(value) < 2 ** -100 ? 0 : value);
    return gradient.map((g) => {
      const m = moment(fround(gain1 * g));
      const v = moment(fround(gain2 * fround(g * g)));
      return fround(fround(rate * m) / fround(fround(sqrt(v)) + epsilon));
    });
  }
});

describe("generate and estimate", () => {
  let gan: Gan;
  const z = (n: number): Float32Array => gan.latent("sample", 0, n);
  beforeAll(async () => {
    gan = await tinyGan();
  });
  afterAll(() => gan.dispose());

  test.each([1, 2, 64, 512])("generate %i images, their pixels between 0 and 1, and estimate them", (n) => {
    const generated = gan.generate(z(n));
    expect(generated).toHaveLength(n * 784);
    expect(generated.every((pixel) => pixel > 0 && pixel < 1)).toBe(true);
    const logits = gan.estimate(generated);
    expect(logits).toHaveLength(n);
    expect(logits.every(Number.isFinite)).toBe(true);
  });

  test("batch norm sees the batch: two images together are not the two alone", () => {
    const both = gan.generate(z(2));
    const alone = gan.generate(z(1));
    const distance = alone.reduce((most, pixel, i) => Math.max(most, Math.abs(pixel - both[i]!)), 0);
    expect(distance).toBeGreaterThan(1e-4);
  });

  test("the discriminator sees each image alone", () => {
    const both = images(0);
    const [first, second] = [both.slice(0, 784), both.slice(784)];
    const together = gan.estimate(both);
    const alone = Float32Array.of(gan.estimate(first)[0]!, gan.estimate(second)[0]!);
    together.forEach((logit, i) => {
      expect(Math.abs(logit - alone[i]!)).toBeLessThan(1e-6);
    });
    expect(alone[0]).not.toBe(alone[1]);
  });

  test("what they return is the caller's: the next call does not touch it", () => {
    const generated = gan.generate(z(2));
    const kept = generated.slice();
    gan.generate(gan.latent("sample", 1, 2));
    expect(sameBits(generated, kept)).toBe(true);
  });

  test("they leave their inputs and the state as they were", () => {
    const before = gan.state();
    const [vectors, pixels] = [z(2), images(3)];
    gan.generate(vectors);
    gan.estimate(pixels);
    expect(sameBits(vectors, z(2))).toBe(true);
    expect(sameBits(pixels, images(3))).toBe(true);
    expect(differences(before, gan.state())).toEqual([]);
  });
});

describe("a loss that is not finite", () => {
  let gan: Gan;
  beforeEach(async () => {
    gan = await tinyGan();
  });

  const failure = (run: () => unknown): unknown => {
    try {
      run();
    } catch (error) {
      return error;
    }
    return undefined;
  };

  test("names the step of its phase, from 0, and the tensor: in pre-training", () => {
    pretrain(gan, 0);
    gan.variables.set("d_b4", [3.4e38]); // real images stay finite: max(x, 0) − x·1
    const error = failure(() => pretrain(gan, 1));
    expect(error).toBeInstanceOf(NonFiniteError);
    expect(error).toMatchObject({ code: "NON_FINITE", step: 1, tensor: "dLossFake" });
    expect((error as Error).message).toMatch(/^step 1: dLossFake is Infinity; training stops/);
  });

  test("in the discriminator's and the generator's step of one iteration the same number", () => {
    iterate(gan, 0);
    iterate(gan, 1);
    gan.variables.set("d_b4", [-3.4e38]);
    const good = gan.state();
    expect(failure(() => iterate(gan, 2))).toMatchObject({ step: 2, tensor: "dLossReal" });
    gan.restore(good);
    expect(failure(() => gan.generatorStep(latent(2)))).toMatchObject({ step: 2, tensor: "gLoss" });
    expect(gan.step).toBe(2);
  });
});

describe("GANs in one process", () => {
  test("two side by side give the bits of one alone", async () => {
    const alone = await tinyGan({ seed: 3, recipe: "balanced" });
    const losses = [pretrain(alone, 0), iterate(alone, 0), iterate(alone, 1)];

    const [gan, other] = [await tinyGan({ seed: 3, recipe: "balanced" }), await createGan({ batchSize: 1, zDim: 8 })];
    const disturb = (): unknown => other.discriminatorStep(images(5).slice(784), other.latent("discriminator", 0, 1));
    const interleaved = [
      [disturb(), pretrain(gan, 0)],
      [disturb(), iterate(gan, 0)],
      [disturb(), iterate(gan, 1)],
    ];
    expect(interleaved.map(([, got]) => got)).toEqual(losses);
    expect(differences(alone.state(), gan.state())).toEqual([]);
  });

  test("any number of threads is accepted and gives the same bits", async () => {
    const [plain, ...threaded] = await Promise.all(([1, 2, 5, "auto"] as const).map((threads) => tinyGan({ threads })));
    const losses = iterate(plain!, 0);
    for (const gan of threaded) {
      expect(iterate(gan, 0)).toEqual(losses);
      expect(differingArrays(weights(gan), weights(plain!))).toEqual([]);
    }
  });
});
