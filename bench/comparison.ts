import { digits } from "./report-lines.ts";
import type { Report } from "./report.ts";

/** One figure in two reports. */
export interface Comparison {
  readonly name: string;
  readonly before: number;
  readonly after: number;
  /** After against before, each time weighed by its machine's limit; above 1 is a loss. */
  readonly ratio: number;
}

/** What two reports have in common, and what only one has. */
export interface Comparisons {
  readonly common: readonly Comparison[];
  readonly missing: readonly string[];
  readonly added: readonly string[];
}

/** A figure of a report: fewer is better. */
interface Figure {
  readonly value: number;
  /** A time is short where the machine is fast; memory is not. */
  readonly isTime: boolean;
}

/** Compares figure by figure. */
export function compareReports(before: Report, after: Report): Comparisons {
  const [old, now] = [figuresOf(before), figuresOf(after)];
  const common = [...old].flatMap(([name, figure]): Comparison[] => {
    const value = now.get(name)?.value;
    if (value === undefined) return [];
    const machines = figure.isTime ? after.limitGflops / before.limitGflops : 1;
    // 0 against 0 is no change. Anything against 0 is an infinite loss.
    const ratio = value === figure.value ? machines : (value / figure.value) * machines;
    return [{ name, before: figure.value, after: value, ratio }];
  });
  return {
    common,
    missing: [...old.keys()].filter((name) => !now.has(name)),
    added: [...now.keys()].filter((name) => !old.has(name)),
  };
}

/** What lost more than `threshold`: 0.15 is 15 %. */
export function lossesOf({ common }: Comparisons, threshold: number): readonly Comparison[] {
  return common.filter(({ ratio }) => ratio > 1 + threshold);
}

/** The line of a comparison. */
export function comparisonLine({ name, before, after, ratio }: Comparison, threshold: number): string {
  const cells = [digits(before), digits(after), ratio.toFixed(2)].map((cell) => cell.padStart(12));
  const mark = ratio > 1 + threshold ? "  LOST" : "";
  return `${name.padEnd(60)}${cells.join("")}${mark}`;
}

/** All that should not grow, by name. */
function figuresOf({ workloads, gan, allocation, batchSizes, threads }: Report): Map<string, Figure> {
  const time = (value: number): Figure => ({ value, isTime: true });
  const figures = new Map<string, Figure>();
  for (const [name, { ms }] of Object.entries(workloads)) figures.set(name, time(ms));
  for (const [name, value] of Object.entries(gan ?? {}))
    figures.set(`GAN ${name}`, { value: value as number, isTime: name.endsWith("Ms") });
  for (const [name, value] of Object.entries(allocation ?? {})) {
    if (name !== "steps") figures.set(`GAN allocation ${name}`, { value: value as number, isTime: false });
  }
  for (const [size, { ms, memoryBytes }] of Object.entries(batchSizes ?? {})) {
    figures.set(`GAN batch ${size}`, time(ms));
    figures.set(`GAN batch ${size} memoryBytes`, { value: memoryBytes, isTime: false });
  }
  for (const [count, ms] of Object.entries(threads ?? {})) figures.set(`GAN threads ${count}`, time(ms));
  return figures;
}
