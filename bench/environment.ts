import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";

/** Where it was measured, and how. */
export interface Environment {
  /** The day, as 2026-11-23. */
  readonly date: string;
  /** Of the package. */
  readonly version: string;
  readonly processor: string;
  readonly cores: number;
  readonly platform: string;
  readonly runtime: string;
  readonly v8: string;
  /** The engine's flags, such as --experimental-wasm-revectorize. */
  readonly flags: string;
  /** Threads of every figure that does not say another number. */
  readonly threads: number;
  readonly quick: boolean;
}

/** This process's. */
export function environment(quick: boolean): Environment {
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return {
    date: new Date().toISOString().slice(0, 10),
    version: (JSON.parse(manifest) as { version: string }).version,
    processor: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    platform: `${process.platform} ${process.arch}`,
    runtime: `Node ${process.version}`,
    v8: process.versions.v8,
    flags: engineFlags().join(" "),
    threads: 1,
    quick,
  };
}

/** The flags this process was started with, less those that load TypeScript (tsx's --require FILE, --import FILE). */
export function engineFlags(): string[] {
  const loads = (flag: string | undefined): boolean => flag === "--require" || flag === "--import";
  return process.execArgv.filter((flag, i, flags) => !loads(flag) && !loads(flags[i - 1]));
}
