import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { NumericsError } from "../../engine/errors.ts";
import { readCheckpoint, type Checkpoint, type DataIdentity } from "../../gan/train/checkpoint.ts";
import { damagedError, describeError, exitCodeOf, CommandError, usageError } from "../terminal/exit-codes.ts";
import { listCheckpoints, type CheckpointFile } from "./checkpoint-files.ts";
import { readRunConfig } from "./config.ts";
import { findRun, newestRun, type RunFolder } from "./folder.ts";
import { resumedSettings, type IsGiven, type RunFlags, type RunSettings } from "./settings.ts";

/** The flags that say which run goes on and from where, beside those that belong to any run. */
export interface ResumeFlags extends RunFlags {
  /** The folder in which runs are created. */
  readonly out: string;
  /** A run's folder or one of its checkpoints; true = the newest run in `out`; undefined = a new run. */
  readonly resume: string | true | undefined;
  readonly allowNumericsChange?: true;
}

/**
 * A checkpoint that was found good. Its tensors are read again when they are needed, because they and the data fill the
 * memory.
 */
export interface ResumeCheckpoint extends CheckpointFile {
  /** Reads it once more. */
  read(): Promise<Checkpoint>;
}

/** A run that goes on: where it stands and with which settings. */
export interface ResumePoint {
  readonly folder: RunFolder;
  readonly settings: RunSettings;
  readonly identity: DataIdentity;
  /** The checkpoint to go on from; undefined where the run was stopped before its first one: then it starts over. */
  readonly from: ResumeCheckpoint | undefined;
  /** Steps of both phases that are complete. */
  readonly done: number;
}

/**
 * The folder of the run that the flags say to resume, and the checkpoint they name. @throws CommandError where there is
 * none
 */
export function findRunToResume(
  flags: ResumeFlags,
  isGiven: IsGiven,
): { folder: RunFolder; checkpoint: string | undefined } {
  if (flags.resume === true || flags.resume === undefined)
    return { folder: newestRun(flags.out), checkpoint: undefined };
  const place = findRun(flags.resume);
  const parent = dirname(resolve(place.folder.path));
  if (isGiven("out") && parent !== resolve(flags.out)) {
    throw usageError(`--out ${flags.out} contradicts the run to be resumed, which lies in ${parent}`);
  }
  return place;
}

/**
 * Reads what a run needs to go on; writes nothing.
 * @throws CommandError where the run is incomplete or damaged or a flag contradicts it; errors of readCheckpoint
 */
export async function readResumePoint(
  place: { readonly folder: RunFolder; readonly checkpoint: string | undefined },
  flags: ResumeFlags,
  isGiven: IsGiven,
): Promise<ResumePoint> {
  const { folder } = place;
  const config = readRunConfig(folder.config);
  const settings = resumedSettings(config.settings, flags, isGiven);
  const path = place.checkpoint ?? listCheckpoints(folder.checkpoints).at(-1)?.path;
  if (path === undefined) checkNeverSaved(folder, config.settings.checkpointEvery);
  const from = path === undefined ? undefined : await findCheckpoint(path, flags.allowNumericsChange === true);
  const { pretrain } = settings.recipe;
  const done = from === undefined ? 0 : from.step + (from.phase === "train" ? pretrain : 0);
  if (done > pretrain + settings.steps) {
    const found = `which has ${done - pretrain} iterations already`;
    throw usageError(`--steps ${settings.steps} contradicts the run to be resumed, ${found}`);
  }
  return { folder, settings, identity: config.identity, from, done };
}

async function findCheckpoint(path: string, allowNumericsChange: boolean): Promise<ResumeCheckpoint> {
  const read = (): Promise<Checkpoint> => openCheckpoint(path, allowNumericsChange);
  const { phase, step } = await read();
  return { path, phase, step, read };
}

/** Reads a checkpoint's file. Its errors name the file and what can be done. */
export async function openCheckpoint(path: string, allowNumericsChange: boolean): Promise<Checkpoint> {
  try {
    return await readCheckpoint(readFileSync(path), { allowNumericsChange });
  } catch (error) {
    const hint =
      error instanceof NumericsError ? "; --allow-numerics-change takes it nevertheless" : hintAtEarlier(path);
    throw new CommandError(exitCodeOf(error), `${path}: ${describeError(error)}${hint}`, { cause: error });
  }
}

function hintAtEarlier(path: string): string {
  const files = listCheckpoints(dirname(path)).map((file) => file.path);
  const before = files[files.findIndex((file) => resolve(file) === resolve(path)) - 1];
  return before === undefined ? "" : `; the checkpoint before it is ${before}`;
}

/** Without a checkpoint a run may start over, unless its metrics tell that there was one. */
function checkNeverSaved(folder: RunFolder, checkpointEvery: number): void {
  if (!existsSync(folder.metrics)) return;
  const steps = readFileSync(folder.metrics, "latin1").matchAll(/^(?:pretrain|train),(\d+),/gm);
  for (const [, step] of steps) {
    if (Number(step) >= checkpointEvery) throw damagedError(`${folder.checkpoints} has lost the run's checkpoints`);
  }
}
