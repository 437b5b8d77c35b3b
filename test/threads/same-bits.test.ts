// Real threads (their script is dist's, so run `npm run build` after a change) give the bits that one thread gives.
import { describe, expect, test } from "vitest";
import { compile, type Gan } from "../../src/index.ts";
import { countTypedArrays } from "../gan/count-typed-arrays.ts";
import { images, iterate, latent, pretrain, tinyGan } from "../gan/tiny-gan.ts";
import { digestOf } from "../support/digest.ts";
import { denseLayers, trained as trainedLayers } from "./dense-layers.ts";

/** Steps of all kinds. The last two use programs that were loaded before the arena moved. */
function train(gan: Gan): Record<string, string> {
  const before = digestOf(gan.generate(latent(0)));
  const losses = [pretrain(gan, 0), pretrain(gan, 1), iterate(gan, 2), iterate(gan, 3)].flat();
  const results: Record<string, string> = {
    before,
    losses: losses.join(),
    images: digestOf(gan.generate(latent(0))),
    logits: digestOf(gan.estimate(images(4))),
  };
  const gradients = gan.gradients("dLoss", images(5), latent(5));
  for (const [name, values] of gradients) results[`gradient of ${name}`] = digestOf(values);
  for (const name of gan.variables.names) results[name] = digestOf(gan.variables.get(name));
  return results;
}

async function trained(threads: number | "auto"): Promise<Record<string, string>> {
  const gan = await tinyGan({ threads });
  const results = train(gan);
  gan.dispose();
  return results;
}

describe("the same bits", () => {
  const alone = trained(1);

  test.each([2, 3, 4, 7, "auto"] as const)("of %s threads", async (threads) => {
    expect(await trained(threads)).toEqual(await alone);
  });

  test.each([2, 3, 4, 7])("of dense layers on %s threads", async (threads) => {
    const layers = denseLayers();
    const results = [];
    for (const count of [1, threads]) {
      const session = await compile(layers.graph, { threads: count });
      expect(session.threads).toBe(count);
      results.push(trainedLayers(session, layers));
      session.dispose();
    }
    expect(results[1]).toEqual(results[0]);
  });

  test("of several GANs with threads side by side, more threads than processors", async () => {
    const gans = await Promise.all([2, 3, 4].map((threads) => tinyGan({ threads })));
    expect(gans.map(({ threads }) => threads)).toEqual([2, 3, 4]);
    for (const k of [0, 1]) for (const gan of gans) pretrain(gan, k);
    for (const k of [2, 3]) for (const gan of gans) iterate(gan, k);
    const weights = gans.map((gan) => gan.variables.names.map((name) => digestOf(gan.variables.get(name))));
    const expected = Object.entries(await alone).filter(([name]) => gans[0]!.variables.names.includes(name));
    for (const each of weights) expect(each).toEqual(expected.map(([, digest]) => digest));
    for (const gan of gans) gan.dispose();
  });

  test("where programs are dropped for others and come back", async () => {
    const [one, two] = [await tinyGan(), await tinyGan({ threads: 2 })];
    const draw = (gan: Gan): string[] => {
      const counts = [...Array(20).keys(), 0, 1].map((n) => n + 1);
      return counts.map((n) => digestOf(gan.generate(gan.latent("grid", n, n))));
    };
    expect(draw(two)).toEqual(draw(one));
    for (const gan of [one, two]) gan.dispose();
  });
});

test("100 steps on two threads make no typed array and plan no memory", async () => {
  const gan = await tinyGan({ threads: 2 });
  const step = (k: number): void => void iterate(gan, k);
  step(0);
  step(1); // The generator's moments have moved the arena, and the discriminator's program was handed out again.
  const [real, z] = [images(1), latent(1)];
  const before = gan.memoryBytes;
  const made = countTypedArrays(() => {
    for (let i = 0; i < 50; i++) {
      gan.discriminatorStep(real, z);
      gan.generatorStep(z);
    }
  });
  expect(made).toBe(0);
  expect(gan.memoryBytes).toBe(before);
  gan.dispose();
});
