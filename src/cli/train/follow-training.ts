import { NonFiniteError } from "../../engine/errors.ts";
import type { Gan } from "../../gan/types.ts";
import { train } from "../../gan/train/trainer.ts";
import type { LoadedData } from "../data/source.ts";
import type { RunSettings } from "../run/settings.ts";
import type { TrainingRun } from "../run/training-run.ts";
import { failure } from "../terminal/exit-codes.ts";
import type { Progress } from "../terminal/progress.ts";
import type { StopRequest } from "../terminal/stop-request.ts";
import type { SampleTaken, TrainReport } from "./report.ts";

/** The observers of a training, beside its run's folder. */
export interface Observers {
  readonly progress: Progress;
  readonly report: TrainReport;
  readonly stop: StopRequest;
}

/**
 * Trains to the end, or until something asks it to stop, and records what happens. @throws CommandError for a loss that
 * is not finite
 */
export async function followTraining(
  gan: Gan,
  data: LoadedData,
  run: TrainingRun,
  settings: RunSettings,
  { progress, report, stop }: Observers,
): Promise<void> {
  const { steps, sampleEvery, checkpointEvery } = settings;
  const began = performance.now();
  let sample: SampleTaken | undefined;
  report.begin(gan, data, run);
  try {
    const options = { steps, sampleEvery, checkpointEvery, signal: stop.signal };
    for await (const event of train(gan, data.set, options)) {
      const now = performance.now();
      switch (event.type) {
        case "start":
          progress.begin(now);
          break;
        case "sample":
          sample = { estimate: event.estimate, path: await run.addSample(event) };
          break;
        case "step":
          run.addRow(event, run.secondsBefore + (now - began) / 1000, sample?.estimate);
          progress.step(event, now);
          report.step(event, sample);
          sample = undefined;
          break;
        case "checkpoint":
          report.checkpoint(event, await run.addCheckpoint(gan, event));
          break;
        case "end":
          report.end(event, run);
      }
    }
  } catch (error) {
    if (!(error instanceof NonFiniteError)) throw error;
    const { lastCheckpoint } = run;
    const saved =
      lastCheckpoint === undefined ? "no checkpoint had been written" : `the last good checkpoint is ${lastCheckpoint}`;
    throw failure(`${error.message}; ${saved}`, { cause: error });
  } finally {
    run.close();
  }
}
