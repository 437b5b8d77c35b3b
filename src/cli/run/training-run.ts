import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Gan } from "../../gan/types.ts";
import { stateOf, streamCheckpoint, type DataIdentity } from "../../gan/train/checkpoint.ts";
import type { CheckpointEvent, SampleEvent, StepEvent } from "../../gan/train/trainer.ts";
import { writeFileAtomically } from "../files/atomic-file.ts";
import { checkpointName, cutSamples, eightDigits, pruneCheckpoints, setAsideLater } from "./checkpoint-files.ts";
import { writeRunConfig } from "./config.ts";
import type { RunFolder } from "./folder.ts";
import { findMetricsCut, MetricsFile } from "./metrics-file.ts";
import { encodePng } from "./png.ts";
import type { ResumePoint } from "./resume-point.ts";
import { samplePicture } from "./sample-picture.ts";
import type { RunSettings } from "./settings.ts";

/** A run's folder while a process trains in it: what happens is written here. */
export class TrainingRun {
  readonly folder: RunFolder;
  readonly #metrics: MetricsFile;
  readonly #identity: DataIdentity;
  readonly #keep: number;
  /** The file of the latest checkpoint. */
  lastCheckpoint: string | undefined;

  private constructor(folder: RunFolder, metrics: MetricsFile, identity: DataIdentity, keep: number) {
    this.folder = folder;
    this.#metrics = metrics;
    this.#identity = identity;
    this.#keep = keep;
  }

  /** Fills the folder of a new run, which is locked already. */
  static async begin(folder: RunFolder, settings: RunSettings, identity: DataIdentity): Promise<TrainingRun> {
    await writeRunConfig(folder.config, { settings, identity });
    return new TrainingRun(folder, MetricsFile.create(folder.metrics), identity, settings.keep);
  }

  /**
   * Takes a locked run back to the checkpoint it goes on from, and the GAN with it.
   * @throws CommandError where the metrics are not what they were, errors of stateOf; then the run is untouched
   */
  static async resume(point: ResumePoint, gan: Gan): Promise<TrainingRun> {
    const { folder, settings, identity, from, done } = point;
    if (from !== undefined) gan.restore(stateOf(await from.read(), gan));
    const { pretrain } = settings.recipe;
    const cut = findMetricsCut(folder.metrics, pretrain, done);
    await writeRunConfig(folder.config, { settings, identity });
    for (const path of [folder.samples, folder.checkpoints]) mkdirSync(path, { recursive: true });
    removeTemporaryFiles(folder);
    setAsideLater(folder.checkpoints, from ?? { phase: "pretrain", step: 0 });
    cutSamples(folder.samples, Math.max(done - pretrain, 0));
    const run = new TrainingRun(folder, MetricsFile.resume(folder.metrics, cut), identity, settings.keep);
    run.lastCheckpoint = from?.path;
    return run;
  }

  /** Seconds of training before this process. */
  get secondsBefore(): number {
    return this.#metrics.seconds;
  }

  addRow(event: StepEvent, seconds: number, estimate: number | undefined): void {
    this.#metrics.append(event, seconds, estimate);
  }

  /** Writes a sample's picture and returns its path. */
  async addSample(event: SampleEvent): Promise<string> {
    const path = join(this.folder.samples, `${eightDigits(event.step)}.png`);
    await writeFileAtomically(path, encodePng(samplePicture(event)));
    return path;
  }

  /** Writes a checkpoint, after the rows before it, then deletes those beyond the number to keep; returns its path. */
  async addCheckpoint(gan: Gan, { phase, step }: CheckpointEvent): Promise<string> {
    const path = join(this.folder.checkpoints, checkpointName(phase, step));
    const { pieces } = streamCheckpoint(gan, gan.stateView(), this.#identity);
    this.#metrics.sync();
    await writeFileAtomically(path, pieces);
    this.lastCheckpoint = path;
    pruneCheckpoints(this.folder.checkpoints, this.#keep);
    return path;
  }

  close(): void {
    this.#metrics.close();
  }
}

/** Removes the files that a killed process was writing. */
function removeTemporaryFiles({ path, samples, checkpoints }: RunFolder): void {
  for (const folder of [path, samples, checkpoints]) {
    for (const name of readdirSync(folder)) if (name.endsWith(".tmp")) rmSync(join(folder, name));
  }
}
