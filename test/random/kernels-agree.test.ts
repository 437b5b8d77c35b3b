// Two programs of one generator: the kernels' Philox and the library's own in JavaScript.
import { describe, expect, test } from "vitest";
import { createGan, type LatentStream } from "../../src/index.ts";
import { philox, philoxKey, type PhiloxKey } from "../../src/engine/random/philox.ts";
import { STREAMS, variableStream } from "../../src/engine/random/streams.ts";
import { RandomWords } from "../../src/engine/random/words.ts";
import { debugMemory } from "../support/debug-kernels.ts";

const SEEDS = [0, 7, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER];
const PLACES = [
  { step: 0, stream: STREAMS.pretrainLatent },
  { step: 99_999, stream: STREAMS.generatorLatent },
  { step: 2 ** 32 - 1, stream: variableStream("d_w1") },
];
const COUNT = 1001;

const { memory, kernels } = await debugMemory();

describe.each(SEEDS)("seed %i", (seed) => {
  const key = philoxKey(seed);

  test.each(PLACES)("the kernel's words are philox.ts's, step $step of stream $stream", ({ step, stream }) => {
    memory.reset();
    const y = memory.place(COUNT);
    for (const attempt of [0, 3]) {
      kernels.philox(y, key.low, key.high, step, attempt, stream, 0, COUNT);
      const out = new Uint32Array(4);
      const words = Array.from({ length: COUNT }, (_, i) => {
        philox(out, key, Math.floor(i / 4), step, attempt, stream);
        return out[i % 4];
      });
      expect([...memory.bits(y, COUNT)]).toEqual(words);
    }
  });

  test.each(PLACES)("and RandomWords', step $step of stream $stream", ({ step, stream }) => {
    memory.reset();
    const y = memory.place(COUNT);
    kernels.philox(y, key.low, key.high, step, 0, stream, 0, COUNT);
    const words = new RandomWords(key, stream, step);
    expect([...memory.bits(y, COUNT)]).toEqual(Array.from({ length: COUNT }, (_, i) => words.word(i)));
  });
});

describe("what a GAN draws is a function of (seed, stream, step) as streams.ts numbers them", () => {
  const seed = 2 ** 40 + 3;
  const key = philoxKey(seed);

  const latents: [LatentStream, number][] = [
    ["pretrain", STREAMS.pretrainLatent],
    ["discriminator", STREAMS.discriminatorLatent],
    ["generator", STREAMS.generatorLatent],
    ["sample", STREAMS.sampleLatent],
    ["grid", STREAMS.gridLatent],
  ];

  test.each(latents)("z of %s: stream %i", async (name, stream) => {
    const gan = await createGan({ zDim: 4, seed });
    const got = gan.latent(name, 12, 50);
    got.forEach((value, i) => near(value, normal(key, i, 12, 0, stream), `z[${i}]`));
  });

  test.each(["d_w1", "g_w1", "g_b1"])(
    "initial values of %s: the stream of its name, drawn again beyond 2σ",
    async (name) => {
      const gan = await createGan({ zDim: 4, seed });
      let redrawn = 0;
      gan.variables.get(name).forEach((value, i) => {
        let attempt = 0;
        while (Math.abs(normal(key, i, 0, attempt, variableStream(name))) > 2) attempt++;
        redrawn += attempt;
        near(value, 0.02 * normal(key, i, 0, attempt, variableStream(name)), `${name}[${i}]`);
      });
      expect(redrawn).toBeGreaterThan(0);
    },
  );
});

/** Normal number i by Box and Muller on philox.ts's words, in float64. */
function normal(key: PhiloxKey, i: number, step: number, attempt: number, stream: number): number {
  const words = new Uint32Array(4);
  philox(words, key, Math.floor(i / 4), step, attempt, stream);
  const pair = (i % 4) & 2;
  const radius = Math.sqrt(-2 * Math.log(((words[pair]! >>> 8) + 1) / 2 ** 24));
  const angle = 2 * Math.PI * ((words[pair + 1]! >>> 8) / 2 ** 24);
  return radius * (i % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
}

/** Within 4 ulp: the kernels' logarithm and root 1, sine 2, product half. */
function near(got: number, want: number, what: string): void {
  expect(Math.abs(got - want), what).toBeLessThanOrEqual(4 * 2 ** -23 * Math.abs(want) + 2 ** -50);
}
