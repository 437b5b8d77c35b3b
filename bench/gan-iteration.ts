import { createGan, type Gan, type GanOptions } from "../src/index.ts";
import { uniform } from "./noise.ts";

/** A GAN and one training iteration of it, through the public API. */
export interface GanIteration {
  readonly gan: Gan;
  readonly images: Float32Array;
  readonly latents: readonly [Float32Array, Float32Array];
  /** discriminatorStep and generatorStep. */
  readonly iterate: () => void;
}

/** A GAN with a batch to train on, again and again. */
export async function ganIteration(options: GanOptions = {}): Promise<GanIteration> {
  const gan = await createGan(options);
  const images = uniform(new Float32Array(gan.batchSize * 28 * 28));
  const latents = [gan.latent("discriminator", 0, gan.batchSize), gan.latent("generator", 0, gan.batchSize)] as const;
  const iterate = (): void => {
    gan.discriminatorStep(images, latents[0]);
    gan.generatorStep(latents[1]);
  };
  return { gan, images, latents, iterate };
}
