import { readdirSync, renameSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import type { Phase } from "../../gan/types.ts";
import { hasCode } from "../files/system-error.ts";

/**
 * A checkpoint's file. Its name says phase and completed steps: pretrain-00000100.safetensors, 00000500.safetensors.
 */
export interface CheckpointFile {
  readonly path: string;
  readonly phase: Phase;
  readonly step: number;
}

const NAME = /^(pretrain-)?(\d{8})\.safetensors$/;

/** Name of the checkpoint's file after `step` completed steps of a phase. */
export function checkpointName(phase: Phase, step: number): string {
  return `${checkpointLabel(phase, step)}.safetensors`;
}

/** A place in a run, as names of files have it: pretrain-00000100, 00000500. */
export function checkpointLabel(phase: Phase, step: number): string {
  return `${phase === "pretrain" ? "pretrain-" : ""}${eightDigits(step)}`;
}

/** A step, as names of files have it. */
export function eightDigits(step: number): string {
  return String(step).padStart(8, "0");
}

/** The checkpoints in a folder, the earliest first; none where the folder is missing. */
export function listCheckpoints(folder: string): CheckpointFile[] {
  const files = namesIn(folder).flatMap((name): CheckpointFile[] => {
    const [match, pretrain, step] = NAME.exec(name) ?? [];
    if (match === undefined) return [];
    return [{ path: join(folder, name), phase: pretrain === undefined ? "train" : "pretrain", step: Number(step) }];
  });
  return files.sort((a, b) => (isLater(a, b) ? 1 : -1));
}

/** Deletes all but the latest `keep` checkpoints; 0 keeps all. */
export function pruneCheckpoints(folder: string, keep: number): void {
  if (keep === 0) return;
  for (const { path } of listCheckpoints(folder).slice(0, -keep)) unlinkSync(path);
}

/**
 * Renames the checkpoints later than the one a run goes on from, so that they are neither lost nor mistaken for those
 * to come. Returns their new paths.
 */
export function setAsideLater(folder: string, place: { readonly phase: Phase; readonly step: number }): string[] {
  const later = listCheckpoints(folder).filter((file) => isLater(file, place));
  return later.map(({ path }) => {
    renameSync(path, `${path}.set-aside`);
    return `${path}.set-aside`;
  });
}

/** Deletes the samples of iterations from `step` on: they are drawn again. */
export function cutSamples(folder: string, step: number): void {
  for (const name of namesIn(folder)) {
    const [match, iteration] = /^(\d{8})\.png$/.exec(name) ?? [];
    if (match !== undefined && Number(iteration) >= step) unlinkSync(join(folder, name));
  }
}

type Place = Pick<CheckpointFile, "phase" | "step">;

function isLater(a: Place, b: Place): boolean {
  return a.phase === b.phase ? a.step > b.step : a.phase === "train";
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  }
}
