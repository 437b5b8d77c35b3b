import { accessSync, constants, existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { WriteError } from "../files/atomic-file.ts";
import { hasCode } from "../files/system-error.ts";
import { damagedError } from "../terminal/exit-codes.ts";

/** The places in a run's folder. */
export interface RunFolder {
  readonly path: string;
  readonly config: string;
  readonly metrics: string;
  readonly samples: string;
  readonly checkpoints: string;
}

/** Names of runs: a number and the seed. A number alone is the claim of a process that is creating this run. */
const RUN_NAME = /^(\d{5,})(-seed\d+)?$/;

/** The places in the run folder `path`. */
export function runFolder(path: string): RunFolder {
  return {
    path,
    config: join(path, "config.json"),
    metrics: join(path, "metrics.csv"),
    samples: join(path, "samples"),
    checkpoints: join(path, "checkpoints"),
  };
}

/** Name of the run that would be created next in `out`: one more than the highest number there. */
export function nextRunName(out: string, seed: number): string {
  return `${nextNumber(out)}-seed${seed}`;
}

/**
 * Creates the folder of a new run in `out`. Several processes may do so at once, and each gets another number: only one
 * of them can make the folder whose name is the number alone. It then checks that no run has the number, and renames
 * it.
 */
export function createRunFolder(out: string, seed: number): RunFolder {
  for (;;) {
    const number = nextNumber(out);
    const claim = join(out, number);
    if (!makeFolder(claim)) continue;
    if (runNames(out).some((name) => name.startsWith(`${number}-`))) {
      rmdirSync(claim);
      continue;
    }
    const folder = runFolder(join(out, `${number}-seed${seed}`));
    renameSync(claim, folder.path);
    mkdirSync(folder.samples);
    mkdirSync(folder.checkpoints);
    return folder;
  }
}

/** Creates `out` where it is missing. @throws WriteError where runs cannot be created in it */
export function prepareOut(out: string): void {
  try {
    makeOutFolder(out);
    accessSync(out, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new WriteError(out, cause);
  }
}

/**
 * Makes a folder and those above it, level by level. mkdir's own `recursive` never returns where a level exists but
 * gives ENOENT, as /proc does.
 */
function makeOutFolder(path: string): void {
  if (existsSync(path)) return;
  makeOutFolder(dirname(resolve(path)));
  mkdirSync(path);
}

/** The run with the highest number in `out`. @throws CommandError where there is none */
export function newestRun(out: string): RunFolder {
  const name = runNames(out).findLast((name) => name.includes("-seed"));
  if (name === undefined) throw damagedError(`there is no run in ${out}; begin one without --resume`);
  return runFolder(join(out, name));
}

/** A run, and one of its checkpoints where the path names that file instead of the run's folder. */
export interface RunPlace {
  readonly folder: RunFolder;
  readonly checkpoint: string | undefined;
}

/** The run, and perhaps the checkpoint, that a user's path names. @throws CommandError where nothing is there */
export function findRun(path: string): RunPlace {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw damagedError(`there is no run or checkpoint ${path}`);
  if (found.isDirectory()) return { folder: runFolder(path), checkpoint: undefined };
  return { folder: runFolder(dirname(dirname(resolve(path)))), checkpoint: path };
}

/** A run's name: the last part of its path. */
export function runName(folder: RunFolder): string {
  return basename(resolve(folder.path));
}

function nextNumber(out: string): string {
  const highest = Number.parseInt(runNames(out).at(-1) ?? "-1", 10);
  return String(highest + 1).padStart(5, "0");
}

/** Names of the runs in `out` in ascending order of their numbers; none where the folder is missing. */
function runNames(out: string): string[] {
  try {
    const names = readdirSync(out).filter((name) => RUN_NAME.test(name));
    return names.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  } catch (error) {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  }
}

/** Returns true if the folder was made now, false if it was there. */
function makeFolder(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw new WriteError(path, error);
  }
}
