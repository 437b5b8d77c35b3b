// Latent vectors: the settings that they depend on, and their known values.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Gan, LatentStream } from "../../src/index.ts";
import { failureOf } from "../support/failure.ts";
import { iterate, sameBits, tinyGan, Z_DIM } from "./tiny-gan.ts";

const STREAMS: readonly LatentStream[] = ["pretrain", "discriminator", "generator", "sample", "grid"];

/** Box and Muller on Philox's words, computed in float64. */
const KNOWN: [stream: LatentStream, step: number, first: number[]][] = [
  ["pretrain", 0, [-0.558482744, 0.201105645, 0.845537673, 1.49251105]],
  ["discriminator", 41, [0.201843456, 0.39465263, -0.130232978, -0.769283494]],
  ["generator", 99999, [0.662035799, 0.698283006, 0.486937061, 0.215432317]],
  ["sample", 100, [-0.501900897, 2.20046162, 1.62620483, 0.614615544]],
  ["grid", 0, [0.38937218, -0.913388771, -0.712925383, -0.322519007]],
];

describe("latent vectors", () => {
  let gan: Gan;
  beforeAll(async () => {
    gan = await tinyGan({ seed: 7 });
  });
  afterAll(() => gan.dispose());

  test("are standard normals", () => {
    const values = gan.latent("generator", 0, 512);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(values).toHaveLength(512 * Z_DIM);
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(values.length));
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / values.length));
  });

  test("do not depend on what was drawn or trained before, nor on the recipe and the batch", async () => {
    const other = await tinyGan({ seed: 7, recipe: "balanced", batchSize: 3 });
    const first = gan.latent("discriminator", 12, 2);
    gan.latent("discriminator", 13, 512);
    gan.generate(gan.latent("sample", 0, 1));
    iterate(gan, 0);
    expect(sameBits(gan.latent("discriminator", 12, 2), first)).toBe(true);
    expect(sameBits(other.latent("discriminator", 12, 2), first)).toBe(true);
  });

  test("fewer of them are the first of more", () => {
    expect(sameBits(gan.latent("grid", 0, 3), gan.latent("grid", 0, 64).slice(0, 3 * Z_DIM))).toBe(true);
  });

  test("differ with the stream, the step and the seed", async () => {
    const other = await tinyGan({ seed: 8 });
    const drawn = [
      ...STREAMS.flatMap((stream) => [0, 1, 2 ** 32 - 1].map((step) => gan.latent(stream, step, 1))),
      other.latent("pretrain", 0, 1),
    ];
    expect(new Set(drawn.flatMap((values) => [...values])).size).toBe(drawn.length * Z_DIM);
  });

  // The kernel's logarithm, root and sine are within 4 ulp together.
  test.each(KNOWN)("of seed 7, stream %s, step %i begin with known values", (stream, step, known) => {
    const values = gan.latent(stream, step, 1);
    known.forEach((value, i) => {
      expect(Math.abs(values[i]! - value), `value ${i}`).toBeLessThanOrEqual(4e-7 * Math.abs(value));
    });
  });

  test.each([
    ["noise", 0, 1, `latent: there is no stream "noise"; there are pretrain, discriminator, generator, sample, grid`],
    [
      "toString",
      0,
      1,
      `latent: there is no stream "toString"; there are pretrain, discriminator, generator, sample, grid`,
    ],
    ["grid", -1, 1, "latent: step is -1; it must be an integer from 0 to 2^32-1"],
    ["grid", 2 ** 32, 1, "latent: step is 4294967296; it must be an integer from 0 to 2^32-1"],
    ["grid", 0.5, 1, "latent: step is 0.5; it must be an integer from 0 to 2^32-1"],
    ["grid", 0, 0, "latent: count is 0; it must be an integer from 1 to 512"],
    ["grid", 0, 513, "latent: count is 513; it must be an integer from 1 to 512"],
    ["grid", 0, NaN, "latent: count is NaN; it must be an integer from 1 to 512"],
  ])("latent(%j, %d, %d) is refused", async (stream, step, count, message) => {
    const failure = await failureOf(() => gan.latent(stream as LatentStream, step, count));
    expect(failure).toEqual({ code: "ARGUMENT", message });
  });
});
