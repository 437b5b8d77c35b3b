import type { KernelName } from "../src/engine/program/emitter.ts";
import type { Tiles } from "../src/engine/runtime/tiles.ts";
import { processorTime } from "./clock.ts";
import { BATCH } from "./shapes.ts";
import { TimedGan, type TimedCall } from "./timed-gan.ts";
import { flopsOf } from "./traffic.ts";

/** What one kernel did in one iteration. */
export interface Share {
  readonly calls: number;
  readonly ms: number;
  /** Multiplications and additions, where they are the limit. */
  readonly flops: number;
}

/** Where the time of one iteration went: each kernel's calls, timed where they are made in the program. */
export interface Breakdown {
  /** The fastest iteration without clocks, to which the kernels have to add up. */
  readonly wholeMs: number;
  /** All kernels of the fastest iteration with clocks; what is missing is feeding, fetching and JavaScript. */
  readonly kernelsMs: number;
  /** By kernel, the largest first. */
  readonly kernels: Readonly<Partial<Record<KernelName, Share>>>;
}

/** Trains for some iterations without clocks and as many with a clock around every kernel call, in turns. */
export async function breakDown(
  iterations: number,
  batchSize: number = BATCH,
  tiles: Tiles = "plain",
): Promise<Breakdown> {
  const gan = await TimedGan.create(batchSize, tiles);
  let wholeMs = Infinity;
  let shares: ReadonlyMap<KernelName, Share> = new Map();
  for (let i = 0; i < iterations; i++) {
    const start = processorTime();
    gan.run("discriminatorStep");
    gan.run("generatorStep");
    wholeMs = Math.min(wholeMs, processorTime() - start);
    const found = byKernel([...gan.timed("discriminatorStep"), ...gan.timed("generatorStep")]);
    if (i === 0 || together(found) < together(shares)) shares = found;
  }
  gan.dispose();
  const largestFirst = [...shares].sort(([, a], [, b]) => b.ms - a.ms);
  return { wholeMs, kernelsMs: together(shares), kernels: Object.fromEntries(largestFirst) };
}

function byKernel(made: readonly TimedCall[]): ReadonlyMap<KernelName, Share> {
  const shares = new Map<KernelName, Share>();
  for (const { call, kernel, ms } of made) {
    const known = shares.get(kernel) ?? { calls: 0, ms: 0, flops: 0 };
    shares.set(kernel, { calls: known.calls + 1, ms: known.ms + ms, flops: known.flops + (flopsOf(call) ?? 0) });
  }
  return shares;
}

function together(shares: ReadonlyMap<KernelName, Share>): number {
  return [...shares.values()].reduce((sum, { ms }) => sum + ms, 0);
}
