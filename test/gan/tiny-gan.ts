// The smallest GAN that has every layer, and its inputs.
import { createGan, type Gan, type GanOptions, type GanState, type TrainerName } from "../../src/index.ts";
import { goldenImages } from "../support/golden-inputs.ts";

export const BATCH = 2;
export const Z_DIM = 4;

const TRAINERS: readonly TrainerName[] = ["dTrainerReal", "dTrainerFake", "dTrainer", "gTrainer"];

/** A GAN of batch 2 and zDim 4, of the tutorial's recipe unless told otherwise. */
export function tinyGan(options: GanOptions = {}): Promise<Gan> {
  return createGan({ batchSize: BATCH, zDim: Z_DIM, recipe: "tutorial", ...options });
}

/** Real batch k. */
export function images(k: number): Float32Array {
  return goldenImages(1, k, BATCH);
}

/** z of step k. It does not depend on the seed of the GAN under test. */
export function latent(k: number): Float32Array {
  return Float32Array.from({ length: BATCH * Z_DIM }, (_, i) => ((i * 37 + k * 11) % 16) / 8 - 0.9375);
}

/** One step of pre-training. */
export function pretrain(gan: Gan, k: number): readonly number[] {
  const { dLossReal, dLossFake } = gan.pretrainStep(images(k), latent(k));
  return [dLossReal, dLossFake];
}

/** One iteration of the training proper. */
export function iterate(gan: Gan, k: number): readonly number[] {
  const { dLossReal, dLossFake } = gan.discriminatorStep(images(k), latent(2 * k));
  return [dLossReal, dLossFake, gan.generatorStep(latent(2 * k + 1)).gLoss];
}

/** The names of the arrays in which two states differ in a bit; empty where the states are equal. */
export function differences(a: GanState, b: GanState): string[] {
  const counters = (["numericsVersion", "batchSize", "zDim", "seed", "phase", "step"] as const).filter(
    (key) => a[key] !== b[key],
  );
  const variables = differingArrays(a.variables, b.variables);
  const optimizers = TRAINERS.flatMap((trainer) => {
    const [left, right] = [a.optimizers[trainer], b.optimizers[trainer]];
    const moments = ["m", "v"].flatMap((slot) =>
      differingArrays(left.slots[slot]!, right.slots[slot]!).map((name) => `${slot}/${name}`),
    );
    return [...(left.t === right.t ? [] : ["t"]), ...moments].map((what) => `${trainer}/${what}`);
  });
  return [...counters, ...variables, ...optimizers];
}

/** Names whose arrays differ in a bit, or that only one of the two maps has. */
export function differingArrays(a: ReadonlyMap<string, Float32Array>, b: ReadonlyMap<string, Float32Array>): string[] {
  const equal = (name: string): boolean => {
    const [left, right] = [a.get(name), b.get(name)];
    return left !== undefined && right !== undefined && sameBits(left, right);
  };
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => !equal(name));
}

/** Tells whether two arrays have the same length and the same bits. */
export function sameBits(a: Float32Array, b: Float32Array): boolean {
  const bytes = (values: Float32Array): Uint8Array =>
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return Buffer.compare(bytes(a), bytes(b)) === 0;
}

/** The variables' values by name. */
export function weights(gan: Gan): Map<string, Float32Array> {
  return new Map(gan.variables.names.map((name) => [name, gan.variables.get(name)]));
}
