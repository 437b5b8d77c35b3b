import { readFileSync } from "node:fs";
import { FORMAT, type Report } from "./report.ts";

/** Reads what `npm run bench` wrote. @throws Error of one line that names the file and what is wrong with it */
export function readReport(path: string): Report {
  const report = readJson(path);
  if (!isRecord(report)) throw new Error(`${path} holds no object`);
  if (report.format !== FORMAT) {
    throw new Error(`${path}: format is ${JSON.stringify(report.format)}; this program reads "${FORMAT}"`);
  }
  for (const part of ["environment", "workloads"]) {
    if (!isRecord(report[part])) throw new Error(`${path}: ${part} is missing`);
  }
  checkNumbers(path, "", report);
  for (const [name, figures] of Object.entries(report.workloads as object)) {
    if (!isRecord(figures) || !("ms" in figures)) throw new Error(`${path}: workloads → ${name} has no ms`);
  }
  if (!(Number(report.limitGflops) > 0)) throw new Error(`${path}: limitGflops is missing or not above 0`);
  return report as unknown as Report;
}

/** Parses a file. @throws Error of one line */
export function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message.replaceAll("\n", " ")}`, { cause: error });
  }
}

/** Whether it is an object with names. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Figures are numbers from 0 on, whatever their name. */
function checkNumbers(path: string, prefix: string, record: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(record)) {
    const name = `${prefix}${key}`;
    if (isRecord(value)) checkNumbers(path, `${name} → `, value);
    else if (prefix.startsWith("environment") || name === "format") continue;
    else if (typeof value !== "number" || value < 0) throw new Error(`${path}: ${name} is ${JSON.stringify(value)}`);
  }
}
