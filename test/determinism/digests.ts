// The promises of the determinism contract as SHA-256 digests.
import { createHash } from "node:crypto";
import { createGan, type Gan, type GanOptions, type LatentStream } from "../../src/index.ts";
import { batches, digits } from "../../src/data/index.ts";
import { goldenImages } from "../support/golden-inputs.ts";

/** A training whose weights are digested: some steps of pre-training, then some iterations. */
export interface Training {
  readonly options: GanOptions;
  readonly pretrain: number;
  readonly iterations: number;
}

const SMALL = { batchSize: 3, zDim: 20 };

/** By name: small ones of both recipes, and one iteration at the sizes that people train with. */
export const trainings: Readonly<Record<string, Training>> = {
  "tutorial, batch 3, zDim 20: 5 + 5 steps": { options: { ...SMALL, recipe: "tutorial" }, pretrain: 5, iterations: 5 },
  "balanced, batch 3, zDim 20: 5 + 5 steps": { options: { ...SMALL, recipe: "balanced" }, pretrain: 5, iterations: 5 },
  "balanced, batch 50, zDim 100: 1 iteration": { options: {}, pretrain: 0, iterations: 1 },
};

/** A GAN in training, step by step, so that several can alternate. */
export class TrainingToDigest {
  readonly #gan: Gan;
  readonly #training: Training;
  #done = 0;

  private constructor(gan: Gan, training: Training) {
    this.#gan = gan;
    this.#training = training;
  }

  static async begin(training: Training): Promise<TrainingToDigest> {
    return new TrainingToDigest(await createGan(training.options), training);
  }

  /** Makes one step; false when all are done. */
  step(): boolean {
    const [gan, k] = [this.#gan, this.#done++];
    const images = goldenImages(7, k, gan.batchSize);
    const latent = (stream: LatentStream): Float32Array => gan.latent(stream, k, gan.batchSize);
    if (k < this.#training.pretrain) {
      gan.pretrainStep(images, latent("pretrain"));
    } else {
      gan.discriminatorStep(images, latent("discriminator"));
      gan.generatorStep(latent("generator"));
    }
    return this.#done < this.#training.pretrain + this.#training.iterations;
  }

  /** Of all variables: each name and its values, in the tutorial's order. */
  digest(): string {
    const { names, get } = this.#gan.variables;
    const digest = sha256(...names.flatMap((name) => [name, get(name)]));
    this.#gan.dispose();
    return digest;
  }
}

/** All digests, computed one after the other. */
export async function allDigests(): Promise<Record<string, string>> {
  const digests = await inputDigests();
  for (const [name, training] of Object.entries(trainings)) {
    const running = await TrainingToDigest.begin(training);
    while (running.step());
    digests[name] = running.digest();
  }
  return digests;
}

/** Digests of what training starts from. Where the weights' digests move, these tell whether training itself moved. */
export async function inputDigests(): Promise<Record<string, string>> {
  const gan = await createGan({ batchSize: 50, zDim: 100 });
  const streams = ["pretrain", "discriminator", "generator", "sample", "grid"] as const;
  const { names, get } = gan.variables;
  const dataset = digits({ count: 300 });
  const loader = batches(dataset, { batchSize: 40, seed: 7, holdOut: 100 });
  const digests = {
    "initial weights": sha256(...names.flatMap((name) => [name, get(name)])),
    "latent vectors": sha256(...streams.flatMap((stream) => [stream, gan.latent(stream, 1, 64)])),
    "drawn digits": sha256(dataset.images, dataset.labels),
    "batches of two epochs": sha256(...Array.from({ length: 10 }, () => loader.next())),
  };
  gan.dispose();
  return digests;
}

function sha256(...parts: readonly (string | Uint8Array | Float32Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) {
    hash.update(typeof part === "string" ? part : new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  }
  return hash.digest("hex");
}
