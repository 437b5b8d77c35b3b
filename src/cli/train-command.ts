import { createGan } from "../gan/gan.ts";
import { NonFiniteError } from "../errors.ts";
import type { Gan } from "../gan/types.ts";
import { train } from "../train/trainer.ts";
import { loadData, type LoadedData } from "./data-source.ts";
import { dryRun } from "./dry-run.ts";
import { describeError, EXIT, failure, type ExitCode } from "./exit-codes.ts";
import { Progress } from "./progress.ts";
import { findRunToResume, readResumePoint, type ResumePoint } from "./resume-point.ts";
import { Results } from "./results.ts";
import { createRunFolder, prepareOut } from "./run-folder.ts";
import { RunLock } from "./run-lock.ts";
import { newSettings, type IsGiven, type RunSettings } from "./run-settings.ts";
import { StopRequest } from "./stop-request.ts";
import type { TrainFlags } from "./train-flags.ts";
import { TrainReport } from "./train-report.ts";
import { TrainingRun } from "./training-run.ts";

/** `wasm-gan train`. `isGiven` tells the flags that were given from those that have their defaults. */
export async function trainCommand(flags: TrainFlags, isGiven: IsGiven): Promise<ExitCode> {
  if (flags.dryRun) return await dryRun(flags, isGiven);
  if (flags.resume === undefined) {
    prepareOut(flags.out);
    return await runTraining(flags, newSettings(flags), undefined);
  }
  const place = findRunToResume(flags, isGiven);
  return await withLock(place.folder.path, async () => {
    const point = await readResumePoint(place, flags, isGiven);
    return await runTraining(flags, point.settings, point);
  });
}

/** Trains in a new run, or in the run of a resume point, which is locked. */
async function runTraining(flags: TrainFlags, settings: RunSettings, point: ResumePoint | undefined): Promise<ExitCode> {
  const progress = new Progress(progressPlan, process.stderr, flags.quiet);
  const stop = new StopRequest((text) => progress.say(text));
  const report = new TrainReport(new Results(flags.json, (line) => progress.above(() => process.stdout.write(`${line}\n`))));
  ...
}
