import type { Gan } from "../../gan/types.ts";
import type { CheckpointEvent, EndEvent, StepEvent } from "../../gan/train/trainer.ts";
import type { LoadedData } from "../data/source.ts";
import type { ResumePoint } from "../run/resume-point.ts";
import { describeRecipe, type RunSettings } from "../run/settings.ts";
import type { TrainingRun } from "../run/training-run.ts";
import { grouped, localTime } from "../terminal/number-text.ts";
import type { Results } from "../terminal/results.ts";

/** A sample that was written, and the discriminator's logit for its one image. */
export interface SampleTaken {
  readonly estimate: number;
  readonly path: string;
}

/** Measured with the original's rates, in TensorFlow on MNIST. */
const TUTORIAL_OUTLOOK = [
  "What to expect: the discriminator wins at the original's rates. The pictures",
  "are grey blobs until about iteration 4,000, first strokes come near 5,000, and",
  "from 9,000 on the page may go blank. --recipe balanced is readable near 2,000.",
];

/** The lines of `train` on stdout: the recipe, the variables, and from time to time what the tutorial printed. */
export class TrainReport {
  readonly #results: Results;
  readonly #settings: RunSettings;

  constructor(results: Results, settings: RunSettings) {
    this.#results = results;
    this.#settings = settings;
  }

  /** Prints the first line. */
  recipe(): void {
    this.#results.text(describeRecipe(this.#settings.recipe));
    if (this.#settings.recipe.name === "tutorial") this.#results.text(...TUTORIAL_OUTLOOK);
  }

  /** Everything is ready; the lists of variables are the tutorial's two. */
  begin(gan: Gan, { identity, set }: LoadedData, run: TrainingRun): void {
    const { seed, batch, zDim, steps, sampleEvery, recipe } = this.#settings;
    const names = (list: Gan["generatorVariables"]): string => `[${list.map(({ name }) => `'${name}'`).join(", ")}]`;
    const resumed = run.lastCheckpoint === undefined ? "" : ` from ${run.lastCheckpoint}`;
    const origin = identity.name === "digits" ? `drawn from seed ${seed}` : `SHA-256 ${identity.sha256.slice(0, 16)}…`;
    this.#results.text(
      `data ${this.#settings.data}: ${grouped(set.count)} images, ${origin}`,
      `run ${run.folder.path}${resumed}: seed ${seed}, batch ${batch}, z-dim ${zDim}, ${grouped(steps)} iterations`,
      `a picture every ${grouped(sampleEvery)} iterations in ${run.folder.samples}`,
      `d_vars = ${names(gan.discriminatorVariables)}`,
      `g_vars = ${names(gan.generatorVariables)}`,
    );
    this.#results.record("start", {
      recipe,
      data: identity,
      run: run.folder.path,
      resumedFrom: run.lastCheckpoint ?? null,
      phase: gan.phase,
      step: gan.step,
      seed,
      batch,
      zDim,
      steps,
      d_vars: gan.discriminatorVariables,
      g_vars: gan.generatorVariables,
    });
  }

  /** Prints every `sampleEvery` steps, as the tutorial does. */
  step({ phase, step, losses }: StepEvent, sample: SampleTaken | undefined): void {
    const time = new Date();
    if (sample !== undefined) {
      this.#results.text(`Iteration: ${step} at ${localTime(time)}  Estimate: ${sample.estimate.toFixed(5)}`);
      const { estimate, path } = sample;
      this.#results.record("sample", { step, time: time.toISOString(), estimate, ...losses, file: path });
    } else if (phase === "pretrain" && step % this.#settings.sampleEvery === 0) {
      this.#results.text(`Pre-training: ${step}  dLossReal: ${losses.dLossReal}  dLossFake: ${losses.dLossFake}`);
      this.#results.record("pretrain", { step, time: time.toISOString(), ...losses });
    }
  }

  checkpoint({ phase, step }: CheckpointEvent, path: string): void {
    this.#results.text(`Checkpoint: ${path}`);
    this.#results.record("checkpoint", { phase, step, file: path });
  }

  end({ phase, step, aborted }: EndEvent, run: TrainingRun): void {
    const { path } = run.folder;
    const next = aborted ? `go on with: wasm-gan train --resume ${path}` : `draw with: wasm-gan sample ${path}`;
    const what = phase === "pretrain" ? "pre-training steps" : "iterations";
    this.#results.text(`${aborted ? "Stopped" : "Done"} after ${grouped(step)} ${what}; ${next}`);
    this.#results.record("end", { phase, step, stopped: aborted, run: path, checkpoint: run.lastCheckpoint ?? null });
  }

  /** The run to be resumed is complete. */
  nothingLeft({ folder, from }: ResumePoint): void {
    const { steps, recipe } = this.#settings;
    this.#results.text(`${folder.path} has all its ${grouped(steps)} iterations; --steps takes it further`);
    const phase = steps > 0 ? "train" : "pretrain";
    const step = steps > 0 ? steps : recipe.pretrain;
    this.#results.record("end", { phase, step, stopped: false, run: folder.path, checkpoint: from?.path ?? null });
  }
}
