import type { Allocation } from "./allocation.ts";
import type { BatchFigures } from "./batch-sizes.ts";
import type { Breakdown } from "./breakdown.ts";
import type { Environment } from "./environment.ts";
import type { GanFigures } from "./gan.ts";

/** The version of the file's form. Another form has another name. */
export const FORMAT = "wasm-gan-bench/1";

/** What was measured of one workload: its fastest run. */
export interface Figures {
  readonly ms: number;
  /** For workloads that arithmetic limits: GFLOP/s that were reached, and those that the machine can do. */
  readonly gflops?: number;
  readonly limitGflops?: number;
  /** For workloads that memory limits. */
  readonly gigabytesPerSecond?: number;
}

/** The results of one run, without what was filtered out. Names are keys, so that two reports can be compared. */
export interface Report {
  readonly format: typeof FORMAT;
  readonly environment: Environment;
  /** The machine's limit: the best of the whole run. */
  readonly limitGflops: number;
  /** By the workload's name. */
  readonly workloads: Readonly<Record<string, Figures>>;
  readonly gan?: GanFigures;
  readonly allocation?: Allocation;
  readonly breakdown?: Breakdown;
  /** One iteration by the images in a batch. */
  readonly batchSizes?: Readonly<Record<number, BatchFigures>>;
  /** One iteration by the number of threads: milliseconds on the wall. */
  readonly threads?: Readonly<Record<number, number>>;
}

/** The report as a file: what was measured with six digits, what was counted with all. */
export function reportJson(report: Report): string {
  const short = (_: string, value: unknown): unknown =>
    typeof value !== "number" || Number.isInteger(value) ? value : Number(value.toPrecision(6));
  return `${JSON.stringify(report, short, 2)}\n`;
}
