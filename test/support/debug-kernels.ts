import { readFile } from "node:fs/promises";
import type { Kernels, KernelSource } from "../../src/engine/runtime/kernels.ts";
import { KernelMemory } from "./kernel-memory.ts";

/** What the debug build exports: the kernels, and parts of kernels that only tests call (assembly/debug). */
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
  /** Steps of k that a product sums in one chain. */
  readonly blockSteps: (k: number) => number;
}

/** The debug build, whose kernels check their contracts: what `npm run build` made of it. */
export async function debugBuild(): Promise<KernelSource> {
  return { bytes: await readFile(new URL("../../dist/kernels-debug.wasm", import.meta.url)) };
}

/** Memory for its kernels, and they themselves. */
export async function debugMemory(): Promise<{ readonly memory: KernelMemory; readonly kernels: DebugKernels }> {
  const memory = await KernelMemory.create(8, await debugBuild());
  return { memory, kernels: memory.kernels as DebugKernels };
}
