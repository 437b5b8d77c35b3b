// The figures as text for people: a table with one line for each.
import type { Allocation } from "./allocation.ts";
import type { BatchFigures } from "./batch-sizes.ts";
import type { Breakdown } from "./breakdown.ts";
import type { GanFigures } from "./gan.ts";
import type { Figures } from "./report.ts";

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
  const memory = [gan.memoryBytesAfterGenerate, gan.memoryBytesAfterSteps, gan.memoryBytesAfterPretraining];
  const [generate, steps, pretraining] = memory.map(mebibytes);
  return [
    tableLine("one iteration, batch 50", [digits(gan.iterationMs)]),
    tableLine("  discriminatorStep", [digits(gan.discriminatorStepMs)]),
    tableLine("  generatorStep", [digits(gan.generatorStepMs)]),
    tableLine("  by the clock on the wall", [digits(gan.iterationWallMs)]),
    tableLine("generate one image", [digits(gan.generateOneMs)]),
    tableLine("import to first image, new process, on the wall", [digits(gan.firstImageMs)]),
    `memoryBytes after one image ${generate}, after both steps ${steps}, with pre-training too ${pretraining}`,
  ];
}

/** What steps allocated: the line that must say none. */
export function allocationLine({ steps, typedArrays, wasmBytes, plannedBytes }: Allocation): string {
  const found = typedArrays + wasmBytes + plannedBytes === 0 ? "none" : "SOME";
  return `allocated by ${steps} steps: ${found} (${typedArrays} typed arrays, ${wasmBytes} bytes of WASM memory)`;
}

/** Where one iteration's time went, kernel by kernel, and that it adds up. */
export function breakdownLines({ wholeMs, kernelsMs, kernels }: Breakdown, limitGflops: number): string[] {
  const line = (label: string, ms: number, flops = 0): string => {
    const gflops = flops > 0 ? flops / (ms * 1e6) : undefined;
    return tableLine(label, [digits(ms), digits(gflops), percent(gflops, limitGflops), percent(ms, wholeMs)]);
  };
  return [
    tableLine("one iteration, a clock around every kernel call", ["ms", "GFLOP/s", "of limit", "share"]),
    ...Object.entries(kernels).map(([name, { calls, ms, flops }]) => line(`  ${name} ×${calls}`, ms, flops)),
    line("  kernels together", kernelsMs),
    line("  the iteration, without clocks", wholeMs),
  ];
}

/** One iteration by the images in a batch. */
export function batchLine(batch: number, { ms, memoryBytes }: BatchFigures): string {
  return tableLine(`one iteration, batch ${batch}, ${mebibytes(memoryBytes)}`, [digits(ms)]);
}

/** One iteration by the number of threads. */
export function threadsLine(threads: number, ms: number, oneThreadMs: number): string {
  const label = `one iteration, ${threads} ${threads === 1 ? "thread" : "threads"}, on the wall`;
  return tableLine(label, [digits(ms), undefined, undefined, (ms / oneThreadMs).toFixed(2)]);
}

function tableLine(label: string, cells: readonly (string | undefined)[]): string {
  return (label.padEnd(LABEL_WIDTH) + cells.map((cell) => (cell ?? "").padStart(10)).join("")).trimEnd();
}

/** About three digits that count. */
export function digits(value: number): string;
export function digits(value: number | undefined): string | undefined;
export function digits(value: number | undefined): string | undefined {
  return value?.toFixed(Math.min(5, Math.max(0, 2 - Math.floor(Math.log10(value)))));
}

function percent(part: number | undefined, whole: number | undefined): string | undefined {
  return part === undefined || whole === undefined ? undefined : `${Math.round((100 * part) / whole)} %`;
}

/** Bytes in MiB: 43.2 MiB. */
export function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
