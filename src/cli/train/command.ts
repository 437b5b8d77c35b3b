import { createGan } from "../../gan/gan.ts";
import type { Gan } from "../../gan/types.ts";
import { loadData, loadSameData } from "../data/source.ts";
import { createRunFolder, prepareOut } from "../run/folder.ts";
import { withRunLock } from "../run/lock.ts";
import { findRunToResume, readResumePoint, type ResumePoint } from "../run/resume-point.ts";
import { newSettings, recipeNumbers, type IsGiven, type RunSettings } from "../run/settings.ts";
import { TrainingRun } from "../run/training-run.ts";
import { EXIT, type ExitCode } from "../terminal/exit-codes.ts";
import { Progress } from "../terminal/progress.ts";
import { Results } from "../terminal/results.ts";
import { StopRequest } from "../terminal/stop-request.ts";
import { useWideRegisters } from "../wide/registers.ts";
import { dryRun } from "./dry-run.ts";
import type { TrainFlags } from "./flags.ts";
import { followTraining, type Observers } from "./follow-training.ts";
import { TrainReport } from "./report.ts";

/** `wasm-gan train`. `isGiven` tells the flags that were given from those that have their defaults. */
export async function trainCommand(flags: TrainFlags, isGiven: IsGiven): Promise<ExitCode> {
  if (flags.dryRun) return await dryRun(flags, isGiven);
  if (flags.resume === undefined) {
    const settings = newSettings(flags);
    prepareOut(flags.out);
    return await observed(flags, settings, (observers) => trainNew(flags, settings, observers));
  }
  const place = findRunToResume(flags, isGiven);
  return await withRunLock(place.folder.path, async () => {
    const point = await readResumePoint(place, flags, isGiven);
    return await observed(flags, point.settings, (observers) => trainResumed(flags, point, observers));
  });
}

/** Runs a training with everything that listens to it. */
async function observed(
  flags: TrainFlags,
  settings: RunSettings,
  body: (observers: Observers) => Promise<void>,
): Promise<ExitCode> {
  const { recipe, steps } = settings;
  const progress = new Progress(
    { recipe: recipe.name, pretrain: recipe.pretrain, steps },
    process.stderr,
    flags.quiet === true,
  );
  const write = (line: string): void => {
    progress.above(() => process.stdout.write(`${line}\n`));
  };
  const report = new TrainReport(new Results(flags.json === true, write), settings);
  const stop = new StopRequest((text) => {
    progress.say(text);
  });
  try {
    report.recipe();
    await body({ progress, report, stop });
    return stop.exitCode ?? EXIT.done;
  } finally {
    progress.end();
    stop.close();
  }
}

async function trainNew(flags: TrainFlags, settings: RunSettings, observers: Observers): Promise<void> {
  const data = await loadData(settings, observers.progress);
  await withGan(flags, settings, observers, async (gan) => {
    const folder = createRunFolder(flags.out, settings.seed);
    await withRunLock(folder.path, async () => {
      const run = await TrainingRun.begin(folder, settings, data.identity);
      await followTraining(gan, data, run, settings, observers);
    });
  });
}

async function trainResumed(flags: TrainFlags, point: ResumePoint, observers: Observers): Promise<void> {
  const { settings, done } = point;
  if (done === settings.recipe.pretrain + settings.steps) {
    observers.report.nothingLeft(point);
    return;
  }
  const data = await loadSameData(settings, point.identity, observers.progress);
  await withGan(flags, settings, observers, async (gan) => {
    const run = await TrainingRun.resume(point, gan);
    await followTraining(gan, data, run, settings, observers);
  });
}

async function withGan(
  { threads, wide }: TrainFlags,
  settings: RunSettings,
  { progress }: Observers,
  body: (gan: Gan) => Promise<void>,
): Promise<void> {
  const { batch, zDim, seed } = settings;
  const isWide = wide && (await useWideRegisters((line) => progress.say(line)));
  if (isWide) progress.say("wide registers: on");
  const gan = await createGan({ batchSize: batch, zDim, seed, threads, recipe: recipeNumbers(settings) });
  try {
    await body(gan);
  } finally {
    gan.dispose();
  }
}
