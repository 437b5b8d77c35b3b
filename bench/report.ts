// The figures as text for people and as JSON for programs.
import type { Breakdown } from "./breakdown.ts";
import type { GanFigures } from "./gan.ts";

/** What was measured of one workload: its fastest run. */
export interface Figures {
  readonly ms: number;
  /** Where multiplications and additions are the limit: what was done in a second, and what the machine can do. */
  readonly gflops?: number;
  readonly limitGflops?: number;
  /** Where memory is. */
  readonly gigabytesPerSecond?: number;
}

/** Where it was measured, and how. */
export interface Environment {
  readonly processor: string;
  readonly cores: number;
  readonly runtime: string;
  readonly quick: boolean;
}

/** Everything one run found; what was filtered out is missing. */
export interface Report {
  readonly environment: Environment;
  /** The machine's limit: the best of the whole run. */
  readonly limitGflops: number;
  /** By the workload's name. */
  readonly workloads: Readonly<Record<string, Figures>>;
  readonly gan?: GanFigures;
  readonly breakdown?: Breakdown;
}

const LABEL_WIDTH = 66;

const COLUMNS = ["ms", "GFLOP/s", "of limit", "GB/s"] as const;

/** The table's first line. */
export const tableHead: string = tableLine("", COLUMNS);

/** A workload's line: milliseconds, then GFLOP/s and their share of the machine's limit, or GB/s. */
export function workloadLine(label: string, { ms, gflops, limitGflops, gigabytesPerSecond }: Figures): string {
  return tableLine(label, [digits(ms), digits(gflops), percent(gflops, limitGflops), digits(gigabytesPerSecond)]);
}

/** The GAN's lines. */
export function ganLines(gan: GanFigures): string[] {
  const memory = [gan.memoryBytesAfterGenerate, gan.memoryBytesAfterSteps].map(mebibytes);
  return [
    tableLine("one iteration, batch 50", [digits(gan.iterationMs)]),
    tableLine("  discriminatorStep", [digits(gan.discriminatorStepMs)]),
    tableLine("  generatorStep", [digits(gan.generatorStepMs)]),
    tableLine("  by the clock on the wall", [digits(gan.iterationWallMs)]),
    tableLine("generate one image", [digits(gan.generateOneMs)]),
    tableLine("createGan and first image, new process, on the wall", [digits(gan.firstImageMs)]),
    `memoryBytes after one image ${memory[0]}, after both steps ${memory[1]}`,
  ];
}

/** Where one iteration's time went, kernel by kernel. */
export function breakdownLines({ totalMs, kernels, outsideMs }: Breakdown, limitGflops: number): string[] {
  const line = (label: string, ms: number, flops = 0): string => {
    const gflops = flops > 0 ? flops / (ms * 1e6) : undefined;
    return tableLine(label, [digits(ms), digits(gflops), percent(gflops, limitGflops), percent(ms, totalMs)]);
  };
  return [
    tableLine("one iteration, a clock around every kernel call", ["ms", "GFLOP/s", "of limit", "share"]),
    ...Object.entries(kernels).map(([name, { calls, ms, flops }]) => line(`  ${name} ×${calls}`, ms, flops)),
    line("  outside of kernels", outsideMs),
    line("  together", totalMs),
  ];
}

/** One JSON file: names as keys, so that two of them can be compared. */
export function reportJson(report: Report): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

function tableLine(label: string, cells: readonly (string | undefined)[]): string {
  return (label.padEnd(LABEL_WIDTH) + cells.map((cell) => (cell ?? "").padStart(10)).join("")).trimEnd();
}

/** About three digits that count. */
function digits(value: number | undefined): string | undefined {
  return value?.toFixed(Math.min(5, Math.max(0, 2 - Math.floor(Math.log10(value)))));
}

function percent(part: number | undefined, whole: number | undefined): string | undefined {
  return part === undefined || whole === undefined ? undefined : `${Math.round((100 * part) / whole)} %`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
