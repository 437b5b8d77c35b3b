import { readFile } from "node:fs/promises";
import type { Kernels, KernelSource } from "../../src/engine/runtime/kernels.ts";
import { KernelMemory } from "./kernel-memory.ts";

/** The exports of the debug build: the kernels, and parts of kernels that only tests call (assembly/debug). */
export interface DebugKernels extends Kernels {
  /** y[i] = word i mod 4 of Philox block i div 4. */
  readonly philox: (
    y: number,
    keyLow: number,
    keyHigh: number,
    step: number,
    attempt: number,
    stream: number,
    begin: number,
    end: number,
  ) => void;
  /** sin[i] = sin 2πx[i] and cos[i] = cos 2πx[i]. */
  readonly sinCos: (sin: number, cos: number, x: number, begin: number, end: number) => void;
  /** The number of steps of k that a product sums in one chain. */
  readonly blockSteps: (k: number) => number;
}

/** The debug build, as `npm run build` makes it. Its kernels check their contracts. */
export async function debugBuild(): Promise<KernelSource> {
  return { bytes: await readFile(new URL("../../dist/kernels-debug.wasm", import.meta.url)) };
}

/** A memory for the debug kernels, and the kernels themselves. */
export async function debugMemory(): Promise<{ readonly memory: KernelMemory; readonly kernels: DebugKernels }> {
  const memory = await KernelMemory.create(8, await debugBuild());
  return { memory, kernels: memory.kernels as DebugKernels };
}
