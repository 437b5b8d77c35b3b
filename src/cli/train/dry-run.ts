import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { readMnistFolder } from "../data/mnist-folder.ts";
import { checkCount } from "../data/source.ts";
import { WriteError } from "../files/atomic-file.ts";
import { tryOut, type Trial } from "../measure/trial.ts";
import { nextRunName } from "../run/folder.ts";
import { findMetricsCut } from "../run/metrics-file.ts";
import { findRunToResume, readResumePoint, type ResumePoint } from "../run/resume-point.ts";
import { describeRecipe, newSettings, type IsGiven, type RunSettings } from "../run/settings.ts";
import { EXIT, type ExitCode } from "../terminal/exit-codes.ts";
import { duration, grouped, mebibytes } from "../terminal/number-text.ts";
import { Results } from "../terminal/results.ts";
import { useWideRegisters } from "../wide/registers.ts";
import type { TrainFlags } from "./flags.ts";

/** A training as it would run. */
interface Plan extends RunSettings, Trial {
  /** The folder it would write. */
  readonly run: string;
  /** The checkpoint it would go on from. */
  readonly resumedFrom: string | null;
  readonly pretrainLeft: number;
  readonly iterationsLeft: number;
  /** How long it would take on this machine. */
  readonly seconds: number;
}

/** `wasm-gan train --dry-run`: checks everything a training needs and says what it would do. It writes nothing. */
export async function dryRun(flags: TrainFlags, isGiven: IsGiven): Promise<ExitCode> {
  const results = new Results(flags.json === true, (line) => process.stdout.write(`${line}\n`));
  const point = flags.resume === undefined ? undefined : await readPoint(flags, isGiven);
  if (point === undefined) checkOut(flags.out);
  const settings = point?.settings ?? newSettings(flags);
  results.text(describeRecipe(settings.recipe));
  const data = await describeData(settings);
  const isWide = flags.wide && (await useWideRegisters((line) => process.stderr.write(`${line}\n`)));
  if (isWide) results.text("wide registers: on");
  const trial = await tryOut(settings, flags.threads, isWide, point?.from);
  const run = point?.folder.path ?? join(flags.out, nextRunName(flags.out, settings.seed));
  const plan = makePlan(settings, trial, run, point);
  results.text(`data ${data}`, ...describePlan(plan), "dry run: nothing was written");
  results.record("plan", { ...plan });
  return EXIT.done;
}

async function readPoint(flags: TrainFlags, isGiven: IsGiven): Promise<ResumePoint> {
  const point = await readResumePoint(findRunToResume(flags, isGiven), flags, isGiven);
  findMetricsCut(point.folder.metrics, point.settings.recipe.pretrain, point.done);
  return point;
}

function makePlan(settings: RunSettings, trial: Trial, run: string, point: ResumePoint | undefined): Plan {
  const { pretrain } = settings.recipe;
  const done = point?.done ?? 0;
  const pretrainLeft = Math.max(pretrain - done, 0);
  const iterationsLeft = settings.steps - Math.max(done - pretrain, 0);
  const seconds = pretrainLeft * trial.secondsPerPretrainStep + iterationsLeft * trial.secondsPerIteration;
  return { ...settings, ...trial, run, resumedFrom: point?.from?.path ?? null, pretrainLeft, iterationsLeft, seconds };
}

function describePlan(plan: Plan): string[] {
  const from = plan.resumedFrom === null ? "" : ` from ${plan.resumedFrom}`;
  const kept = plan.keep === 0 ? "all kept" : `the latest ${plan.keep} kept`;
  return [
    `run ${plan.run}${from}: seed ${plan.seed}, batch ${plan.batch}, z-dim ${plan.zDim}`,
    `steps: ${grouped(plan.pretrainLeft)} of pre-training and ${grouped(plan.iterationsLeft)} iterations, ` +
      `about ${duration(plan.seconds)} on this machine`,
    `files: a sample every ${grouped(plan.sampleEvery)} iterations, ` +
      `a checkpoint of ${mebibytes(plan.checkpointBytes)} every ${grouped(plan.checkpointEvery)}, ${kept}`,
    `memory: ${mebibytes(plan.memoryBytes)} of WebAssembly memory`,
  ];
}

/**
 * The data in words. A folder is read, to see that it can be; MNIST is not downloaded, since that writes to the cache.
 */
async function describeData(settings: RunSettings): Promise<string> {
  const { data } = settings;
  if (data === "digits") return "digits: 60,000 images, each drawn when a batch takes it";
  if (data === "mnist") return "mnist: 60,000 images, downloaded when training begins unless the cache has them";
  const set = await readMnistFolder(data, "train");
  checkCount(set, settings);
  return `${data}: ${grouped(set.count)} images`;
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
