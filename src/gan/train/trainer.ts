import { batches, type DataSet } from "../../data/index.ts";
import { checkOptionNames } from "../../engine/arguments.ts";
import { NonFiniteError } from "../../engine/errors.ts";
import { TRAIN_SETTINGS, trainCountsOf } from "../configuration.ts";
import { IMAGE_PIXELS } from "../image-size.ts";
import type { DiscriminatorLosses, Gan, GeneratorLoss, Phase } from "../types.ts";
import { EventLoop } from "./event-loop.ts";

/** Fixed vectors whose images show, side by side, how the generator changes: an 8×8 grid. */
export const GRID_COUNT = 64;

/** Options of train. */
export interface TrainOptions {
  /** Training iterations in total, an integer ≥ 0; default 100,000. Those of a restored state count. */
  readonly steps?: number;
  /** Iterations between two samples, an integer ≥ 0; default 100. Iteration 0 has the first; 0 = no samples. */
  readonly sampleEvery?: number;
  /**
   * Steps between two checkpoints, an integer ≥ 0; default 500. Each phase counts its own; one more comes at the end. 0
   * = no checkpoints.
   */
  readonly checkpointEvery?: number;
  /** The first images of the data set, which training never sees; default as in `batches`. */
  readonly holdOut?: number;
  /** Aborting ends the training after the step at hand, with a checkpoint. */
  readonly signal?: AbortSignal;
}

/**
 * Training begins (or goes on) with this step of this phase; `pretrain` and `steps` are the totals of the two phases.
 */
export interface StartEvent {
  readonly type: "start";
  readonly phase: Phase;
  readonly step: number;
  readonly pretrain: number;
  readonly steps: number;
}

/** The generator draws after an iteration. This event comes before the iteration's StepEvent. */
export interface SampleEvent {
  readonly type: "sample";
  /** The iteration, counted from 0. */
  readonly step: number;
  /** One image, 784 pixels, from a fresh z in a batch of 1, so that batch norm sees this image alone. */
  readonly image: Float32Array;
  /** The discriminator's logit for `image`. */
  readonly estimate: number;
  /** 64·784 pixels: images of the same 64 latent vectors every time. */
  readonly grid: Float32Array;
}

/** One step is done. Losses are those before its updates. */
export interface StepEvent {
  readonly type: "step";
  readonly phase: Phase;
  /** Number of the step in its phase, counted from 0. */
  readonly step: number;
  /** gLoss is there in the training proper only. */
  readonly losses: DiscriminatorLosses & Partial<GeneratorLoss>;
}

/**
 * The GAN's state is worth keeping now, before training goes on: a run restored from it goes on with the same bits.
 * Take `gan.state()`, or write `streamCheckpoint(gan, gan.stateView(), …)` before the next event is asked for.
 */
export interface CheckpointEvent {
  readonly type: "checkpoint";
  readonly phase: Phase;
  /** Steps of the phase that are complete. */
  readonly step: number;
}

/** Training is over: all steps are done, or it was aborted. `step` counts the completed steps of `phase`. */
export interface EndEvent {
  readonly type: "end";
  readonly phase: Phase;
  readonly step: number;
  readonly aborted: boolean;
}

/** The events of a training. */
export type TrainEvent = StartEvent | SampleEvent | StepEvent | CheckpointEvent | EndEvent;

/**
 * Trains the GAN as the tutorial does, from wherever its state stands: the recipe's pre-training steps, then iterations
 * of one discriminator step and one generator step. It prints nothing and touches no files; its events say what
 * happens.
 *
 * Every batch and latent vector is a function of (seed, purpose, step), so training from a restored state gives the
 * same bits as training that never stopped. Between steps the event loop runs, so that signals, timers and pages stay
 * alive.
 * @throws ArgumentError for an option outside its range, DataError for too few images, NonFiniteError from a step whose
 * loss is not finite (the checkpoints given before it stay good)
 */
export async function* train(
  gan: Gan,
  dataset: DataSet,
  options: TrainOptions = {},
): AsyncGenerator<TrainEvent, void, void> {
  checkOptionNames("train", options, [...Object.keys(TRAIN_SETTINGS), "holdOut", "signal"]);
  const { signal, holdOut } = options;
  const { steps, sampleEvery, checkpointEvery } = trainCountsOf(options);
  const { pretrain } = gan.recipe;
  const total = pretrain + steps;
  const realBatches = batches(dataset, { batchSize: gan.batchSize, seed: gan.seed, holdOut });
  const grid = gan.latent("grid", 0, GRID_COUNT);
  const eventLoop = new EventLoop();
  // Steps of both phases are numbered through: step n sees real batch n, as the tutorial's one loader gives them.
  const first = gan.phase === "pretrain" ? Math.min(gan.step, pretrain) : pretrain + gan.step;
  let saved = first > 0 ? first : -1; // a state beyond 0 was restored from a checkpoint: it needs no new one
  let n = first;
  const images = new Float32Array(gan.batchSize * IMAGE_PIXELS);
  try {
    yield { type: "start", ...place(n, pretrain), pretrain, steps };
    for (; n < total; n++) {
      await eventLoop.turn();
      if (signal?.aborted === true) break;
      const { phase, step } = place(n, pretrain);
      realBatches.at(n, images);
      const losses = phase === "pretrain" ? pretrainStep(gan, images, step) : iteration(gan, images, step);
      if (phase === "train" && isMultiple(step, sampleEvery)) yield sample(gan, grid, step);
      yield { type: "step", phase, step, losses };
      if (isMultiple(step + 1, checkpointEvery)) {
        saved = n + 1;
        yield checkpointOf(gan);
      }
    }
    if (saved < n && checkpointEvery > 0) yield checkpointOf(gan);
    yield { type: "end", phase: gan.phase, step: gan.step, aborted: n < total };
  } finally {
    eventLoop.close();
  }
}

function checkpointOf({ phase, step }: Gan): CheckpointEvent {
  return { type: "checkpoint", phase, step };
}

/** Phase and step of step n, which is counted through both phases. */
function place(n: number, pretrain: number): { phase: Phase; step: number } {
  return n < pretrain ? { phase: "pretrain", step: n } : { phase: "train", step: n - pretrain };
}

function pretrainStep(gan: Gan, images: Float32Array, step: number): DiscriminatorLosses {
  return gan.pretrainStep(images, gan.latent("pretrain", step, gan.batchSize));
}

function iteration(gan: Gan, images: Float32Array, step: number): DiscriminatorLosses & GeneratorLoss {
  const discriminator = gan.discriminatorStep(images, gan.latent("discriminator", step, gan.batchSize));
  const generator = gan.generatorStep(gan.latent("generator", step, gan.batchSize));
  return { ...discriminator, ...generator };
}

function sample(gan: Gan, grid: Float32Array, step: number): SampleEvent {
  const image = finite(step, "image", gan.generate(gan.latent("sample", step, 1)));
  const estimate = finite(step, "estimate", gan.estimate(image))[0]!;
  return { type: "sample", step, image, estimate, grid: finite(step, "grid", gan.generate(grid)) };
}

/** The values, once all are finite. A step's losses are older than its updates: these may have made weights NaN. */
function finite(step: number, tensor: string, values: Float32Array): Float32Array {
  for (const value of values) if (!Number.isFinite(value)) throw new NonFiniteError(step, tensor, value);
  return values;
}

/** True if `step` is a multiple of `every`; 0 has no multiples. */
function isMultiple(step: number, every: number): boolean {
  return every > 0 && step % every === 0;
}
