import { createGan } from "../../gan/gan.ts";
import { IMAGE_PIXELS } from "../../gan/image-size.ts";
import type { Gan } from "../../gan/types.ts";
import { sizeOf } from "../../engine/shape.ts";
import { stateOf } from "../../gan/train/checkpoint.ts";
import { TRAINERS } from "../../gan/trainers.ts";
import { GRID_COUNT } from "../../gan/train/trainer.ts";
import type { ResumeCheckpoint } from "../run/resume-point.ts";
import { recipeNumbers, type RunSettings } from "../run/settings.ts";
import { timedCalls, warmUpOf } from "./timed-calls.ts";

/**
 * How long each kind of step is timed. A step of a large batch takes seconds, and is timed three times nevertheless.
 */
const TIMED = { measure: 500, atLeast: 3 } as const;

/** Memory and time of a training, measured on a few steps of each kind. */
export interface Trial {
  /** WASM memory of the whole training. */
  readonly memoryBytes: number;
  /** Size of a checkpoint after the first iteration. */
  readonly checkpointBytes: number;
  readonly secondsPerPretrainStep: number;
  readonly secondsPerIteration: number;
}

/**
 * Runs each kind of step of a training a few times, on a GAN that is thrown away. `isWide` says whether wide registers
 * are on.
 * @throws what stateOf throws for a checkpoint that does not fit the settings
 */
export async function tryOut(
  settings: RunSettings,
  threads: number | "auto",
  isWide: boolean,
  from: ResumeCheckpoint | undefined,
): Promise<Trial> {
  const { batch, zDim, seed } = settings;
  const recipe = recipeNumbers(settings);
  const gan = await createGan({ batchSize: batch, zDim, seed, threads, recipe });
  try {
    if (from !== undefined) stateOf(await from.read(), gan);
    const images = new Float32Array(batch * IMAGE_PIXELS);
    const z = gan.latent("grid", 0, batch);
    const pretrain = (): unknown => gan.pretrainStep(images, z);
    const iterate = (): unknown => [gan.discriminatorStep(images, z), gan.generatorStep(z)];
    const secondsPerPretrainStep = recipe.pretrain > 0 ? secondsOf(pretrain, isWide) : 0;
    const secondsPerIteration = secondsOf(iterate, isWide);
    gan.estimate(gan.generate(gan.latent("sample", 0, 1)));
    gan.generate(gan.latent("grid", 0, GRID_COUNT));
    const { memoryBytes } = gan;
    return { memoryBytes, checkpointBytes: checkpointBytes(gan), secondsPerPretrainStep, secondsPerIteration };
  } finally {
    gan.dispose();
  }
}

/** Median seconds of a step. The fastest would promise too much: other programs slow a training down, too. */
function secondsOf(step: () => unknown, isWide: boolean): number {
  const times = timedCalls(step, { warmUp: warmUpOf(isWide), ...TIMED });
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]! / 1000;
}

/**
 * Every variable, and the slots of each trainer for the variables it trains. Two trainers work in pre-training alone.
 */
function checkpointBytes({ variables, trainers, recipe }: Gan): number {
  const bytesOf = (shapes: readonly (readonly number[])[]): number =>
    shapes.reduce((bytes, shape) => bytes + 4 * sizeOf(shape), 0);
  const working = TRAINERS.filter((name) => recipe.pretrain > 0 || name === "dTrainer" || name === "gTrainer");
  const slots = working.map((name) => {
    const { slots, variables } = trainers[name];
    return slots.length * bytesOf(variables.map(({ shape }) => shape));
  });
  return bytesOf(variables.names.map((name) => variables.shape(name))) + slots.reduce((sum, bytes) => sum + bytes);
}
