import type { KernelSource } from "../engine/runtime/kernels.ts";
import type { OptimizerState } from "../engine/session/optimizer-values.ts";
import type { Recipe, RecipeName } from "./recipes.ts";

/** Options of createGan. */
export interface GanOptions extends KernelSource {
  /** Images a training step sees, an integer from 1 to 512; default 50. */
  readonly batchSize?: number;
  /** Length of a latent vector, a multiple of 4 from 4 to 1024; default 100. */
  readonly zDim?: number;
  /** Seed of everything random, an integer from 0 to 2⁵³−1; default 7. */
  readonly seed?: number;
  /**
   * Threads to use, "auto" or an integer from 1 to 256; default 1. "auto" takes the physical cores, at most 8. Results
   * do not depend on it. One thread runs where the platform has no more to give: no workers, no SharedArrayBuffer, or a
   * browser's page, which must not block. `gan.threads` says how many run.
   */
  readonly threads?: number | "auto";
  /** A recipe's name or its five numbers; default "balanced". */
  readonly recipe?: RecipeName | Recipe;
}

/** A variable's name and shape, as the tutorial prints them. */
export interface VariableDescription {
  readonly name: string;
  readonly shape: readonly number[];
}

/** The GAN's variables by name; values are copies, filters [height, width, in, out], weights [in, out]. */
export interface GanVariables {
  /** All 19 names in the order in which the tutorial creates them. */
  readonly names: readonly string[];
  /** @throws VariableError for an unknown name. */
  shape(name: string): readonly number[];
  /** @throws VariableError for an unknown name. */
  get(name: string): Float32Array;
  /** @throws VariableError for an unknown name, ShapeError for a wrong length, ArgumentError for NaN or infinity. */
  set(name: string, values: ArrayLike<number>): void;
}

/** One of the four optimizers, each an Adam of its own. */
export type TrainerName = "dTrainerReal" | "dTrainerFake" | "dTrainer" | "gTrainer";

/** The slots of a trainer, and the variables that it moves. */
export interface TrainerDescription {
  /** Names of the optimizer's slots. */
  readonly slots: readonly string[];
  readonly variables: readonly VariableDescription[];
}

/** `pretrain` until the first step of the training proper. */
export type Phase = "pretrain" | "train";

/**
 * Everything a resume needs: restore it into a GAN of the same configuration and training goes on with the same bits.
 */
export interface GanState {
  readonly numericsVersion: number;
  readonly batchSize: number;
  readonly zDim: number;
  readonly recipe: Recipe;
  readonly seed: number;
  readonly phase: Phase;
  /** Steps completed in this phase: pre-training steps, or generator steps. */
  readonly step: number;
  readonly variables: ReadonlyMap<string, Float32Array>;
  /** By trainer; the slots of Adam are m and v. */
  readonly optimizers: Readonly<Record<TrainerName, OptimizerState>>;
}

/** The losses whose gradients can be asked for. */
export type LossName = "dLossReal" | "dLossFake" | "dLoss" | "gLoss";

/** The purposes for which latent vectors are drawn; each has a random stream of its own. */
export type LatentStream = "pretrain" | "discriminator" | "generator" | "sample" | "grid";

/** Losses of a discriminator's step, as they were before the update. */
export interface DiscriminatorLosses {
  dLossReal: number;
  dLossFake: number;
}

/** The loss of a generator's step, as it was before the update. */
export interface GeneratorLoss {
  gLoss: number;
}

/**
 * The tutorial's GAN: generator, discriminator and four trainers on shared variables.
 * Images are Float32Array [n·784], pixels in [0, 1]; latent vectors are Float32Array [n·zDim].
 * Every method is synchronous. @throws DisposedError after dispose(), ThreadError when a thread fails, and ever after.
 */
export interface Gan {
  readonly batchSize: number;
  readonly zDim: number;
  readonly seed: number;
  /** Number of threads that run it: the number asked for, or 1 if the platform gives no more. */
  readonly threads: number;
  readonly recipe: Recipe;
  readonly variables: GanVariables;
  /** The tutorial's d_vars. */
  readonly discriminatorVariables: readonly VariableDescription[];
  /** The tutorial's g_vars. */
  readonly generatorVariables: readonly VariableDescription[];
  /** The parts of each trainer's state. */
  readonly trainers: Readonly<Record<TrainerName, TrainerDescription>>;
  readonly phase: Phase;
  readonly step: number;
  /** WASM bytes planned so far: grows when a kind of step is first compiled, never by repeating one. */
  readonly memoryBytes: number;
  /** dTrainerReal and dTrainerFake on one batch, both gradients taken at the weights before the step. */
  pretrainStep(images: Float32Array, z: Float32Array): DiscriminatorLosses;
  /** dTrainer on one batch. @throws NonFiniteError naming the step and the loss. */
  discriminatorStep(images: Float32Array, z: Float32Array): DiscriminatorLosses;
  /** gTrainer on one batch. @throws NonFiniteError naming the step and the loss. */
  generatorStep(z: Float32Array): GeneratorLoss;
  /** n latent vectors, 1 ≤ n ≤ 512 → n images. Batch norm sees this batch, as the tutorial's. */
  generate(z: Float32Array): Float32Array;
  /** n images, 1 ≤ n ≤ 512 → n logits of the discriminator. */
  estimate(images: Float32Array): Float32Array;
  /** Gradients of one loss with respect to the variables it is trained over; changes nothing. gLoss ignores images. */
  gradients(loss: LossName, images: Float32Array, z: Float32Array): Map<string, Float32Array>;
  /** count latent vectors of this GAN's seed: the values depend on (seed, stream, step) alone. */
  latent(stream: LatentStream, step: number, count: number): Float32Array;
  /** A copy: what happens to the GAN afterwards does not change it. */
  state(): GanState;
  /**
   * The same without the copy. Each look-up in its maps gives a view of WASM memory. The view is good until the GAN is
   * used again, and looking up the next tensor is a use.
   */
  stateView(): GanState;
  /**
   * Takes over a state; all of it is checked before anything changes.
   * @throws MismatchError for another configuration, NumericsError for another NUMERICS_VERSION, and what
   *   `Session.restore` throws.
   */
  restore(state: GanState): void;
  dispose(): void;
}
