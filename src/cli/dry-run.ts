import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { WriteError } from "./atomic-file.ts";
import { readMnistFolder } from "./mnist-folder.ts";
import { checkCount } from "./data-source.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { findMetricsCut } from "./metrics-file.ts";
import { duration, grouped, mebibytes } from "./number-text.ts";
import { findRunToResume, readResumePoint, type ResumePoint } from "./resume-point.ts";
import { Results } from "./results.ts";
import { nextRunName } from "./run-folder.ts";
import { describeRecipe, newSettings, type IsGiven, type RunSettings } from "./run-settings.ts";
import type { TrainFlags } from "./train-flags.ts";
import { tryOut } from "./trial.ts";

/** `wasm-gan train --dry-run`: checks everything a training needs and says what it would do. It writes nothing. */
export async function dryRun(flags: TrainFlags, isGiven: IsGiven): Promise<ExitCode> {
  const results = new Results(flags.json === true, (line) => process.stdout.write(`${line}\n`));
  const point = flags.resume === undefined ? undefined : await readPoint(flags, isGiven);
  if (point === undefined) checkOut(flags.out);
  const settings = point?.settings ?? newSettings(flags);
  const { recipe, seed, batch, zDim, steps, sampleEvery, checkpointEvery, keep } = settings;
  const run = point?.folder.path ?? join(flags.out, nextRunName(flags.out, seed));
  results.text(describeRecipe(recipe));
  const data = await describeData(settings);
  const trial = await tryOut(settings, flags.threads);
  const done = point?.done ?? 0;
  const pretrainLeft = Math.max(recipe.pretrain - done, 0);
  const iterationsLeft = recipe.pretrain + steps - Math.max(done, recipe.pretrain);
  const seconds = pretrainLeft * trial.secondsPerPretrainStep + iterationsLeft * trial.secondsPerIteration;
  results.text(
    `data ${data}`,
    `run ${run}${point?.from === undefined ? "" : ` from ${point.from.path}`}: seed ${seed}, batch ${batch}, z-dim ${zDim}`,
    `steps: ${grouped(pretrainLeft)} of pre-training and ${grouped(iterationsLeft)} iterations, about ${duration(seconds)} on this machine`,
    `files: a sample every ${sampleEvery} iterations; a checkpoint of ${mebibytes(trial.checkpointBytes)} every ${checkpointEvery}, ` +
      `${keep === 0 ? "all" : `the latest ${keep}`} kept`,
    `memory: ${mebibytes(trial.memoryBytes)} of WebAssembly memory`,
    "dry run: nothing was written",
  );
  const resumedFrom = point?.from?.path ?? null;
  results.record("plan", { ...settings, run, resumedFrom, pretrainLeft, iterationsLeft, seconds, ...trial });
  return EXIT.done;
}

async function readPoint(flags: TrainFlags, isGiven: IsGiven): Promise<ResumePoint> {
  const point = await readResumePoint(findRunToResume(flags, isGiven), flags, isGiven);
  findMetricsCut(point.folder.metrics, point.settings.recipe.pretrain, point.done);
  return point;
}

/** The data in words. A folder is read, to see that it can be; MNIST is not downloaded, since that writes to the cache. */
async function describeData(settings: RunSettings): Promise<string> {
  const { data } = settings;
  if (data === "digits") return "digits: 60,000 images, drawn when training begins";
  if (data === "mnist") return "mnist: 60,000 images, downloaded when training begins unless the cache has them";
  const { train } = await readMnistFolder(data);
  checkCount(train, settings);
  return `${data}: ${grouped(train.count)} images`;
}

/** @throws WriteError where runs cannot be written to `out` or, where it is missing, `out` cannot be created */
function checkOut(out: string): void {
  let folder = resolve(out);
  while (!existsSync(folder)) folder = dirname(folder);
  try {
    if (!statSync(folder).isDirectory()) throw new Error(`${folder} is not a folder`);
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new WriteError(out, cause);
  }
}
