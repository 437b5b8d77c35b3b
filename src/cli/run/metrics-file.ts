import {
  appendFileSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import type { StepEvent } from "../../gan/train/trainer.ts";
import { WriteError } from "../files/atomic-file.ts";
import { damagedError } from "../terminal/exit-codes.ts";

const HEADER = "phase,step,seconds,dLossReal,dLossFake,gLoss,estimate\n";
const ROW = /^(pretrain|train),(\d+),(\d+\.\d+),[^,]*,[^,]*,[^,]*,[^,]*\n$/;

/**
 * A run's metrics.csv: a row for each step of both phases, written before the checkpoint that follows it. `seconds` is
 * the time spent in training so far, that of earlier processes included; losses are those before the step's updates;
 * the discriminator's estimate stands in the rows of the iterations that were sampled.
 */
export class MetricsFile {
  readonly #path: string;
  readonly #file: number;
  /** Seconds of training up to the last row that was there when the file was opened. */
  readonly seconds: number;

  private constructor(path: string, seconds: number) {
    this.#path = path;
    this.#file = openSync(path, "a");
    this.seconds = seconds;
  }

  /** Begins the file of a new run. */
  static create(path: string): MetricsFile {
    writing(path, () => writeFileSync(path, HEADER));
    return new MetricsFile(path, 0);
  }

  /** Opens the file of a run that goes on, and cuts off what follows its last good row (see readMetrics). */
  static resume(path: string, { bytes, seconds }: MetricsCut): MetricsFile {
    if (bytes === 0) return MetricsFile.create(path);
    writing(path, () => truncateSync(path, bytes));
    return new MetricsFile(path, seconds);
  }

  /** Adds a step's row. The system has it when this returns, so a killed process loses no row. */
  append({ phase, step, losses }: StepEvent, seconds: number, estimate: number | undefined): void {
    const { dLossReal, dLossFake, gLoss } = losses;
    const row = [phase, step, seconds.toFixed(3), dLossReal, dLossFake, gLoss ?? "", estimate ?? ""].join();
    writing(this.#path, () => appendFileSync(this.#file, `${row}\n`));
  }

  /** Waits until the rows are on the disk. */
  sync(): void {
    writing(this.#path, () => fsyncSync(this.#file));
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** The cut in a metrics file: the bytes to keep, 0 = begin it anew, and the seconds in the last row kept. */
export interface MetricsCut {
  readonly bytes: number;
  readonly seconds: number;
}

/**
 * Finds the end of the rows of the first `count` steps of both phases. The file is no part of a run's state: where it
 * is missing, a new one will begin with the steps to come (so the first row of a file may be any step's).
 * @throws CommandError where a row up to there is missing or damaged
 */
export function findMetricsCut(path: string, pretrain: number, count: number): MetricsCut {
  if (count === 0 || !existsSync(path)) return { bytes: 0, seconds: 0 };
  const [header = "", ...rows] = readFileSync(path, "latin1").split(/(?<=\n)/);
  if (header !== HEADER) throw damagedError(`${path} does not begin with the line ${HEADER.trim()}`);
  let bytes = HEADER.length;
  let seconds = 0;
  let next = rows[0] === undefined ? count : readRow(path, rows[0], pretrain).n;
  for (const text of rows) {
    if (next >= count) break;
    const row = readRow(path, text, pretrain);
    if (row.n !== next) throw damagedError(`${path}: a row is missing before ${text.trim()}`);
    bytes += text.length;
    seconds = row.seconds;
    next++;
  }
  if (next < count) throw damagedError(`${path} ends ${count - next} rows before the checkpoint to go on from`);
  return { bytes, seconds };
}

/** Calls a function that writes to a path. @throws WriteError, which names the path */
function writing(path: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    throw new WriteError(path, cause);
  }
}

/** A row's number, counted through both phases, and its time. */
function readRow(path: string, text: string, pretrain: number): { n: number; seconds: number } {
  const [, phase, step, seconds] = ROW.exec(text) ?? [];
  if (phase === undefined) throw damagedError(`${path}: the row ${JSON.stringify(text.slice(0, 80))} is damaged`);
  return { n: Number(step) + (phase === "train" ? pretrain : 0), seconds: Number(seconds) };
}
