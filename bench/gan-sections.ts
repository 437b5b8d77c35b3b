import { availableParallelism } from "node:os";
import { threadCounts } from "../src/cli/bench/thread-counts.ts";
import type { Tiles } from "../src/engine/runtime/tiles.ts";
import { countAllocations } from "./allocation.ts";
import { BATCH_SIZES, measureBatchSize, type BatchFigures } from "./batch-sizes.ts";
import { breakDown } from "./breakdown.ts";
import { measureGan } from "./gan.ts";
import type { MachineLimit } from "./limit.ts";
import { measureWith } from "./measure.ts";
import type { Pace } from "./pace.ts";
import { allocationLine, batchLine, breakdownLines, ganLines, threadsLine } from "./report-lines.ts";
import type { Report } from "./report.ts";
import { BATCH } from "./shapes.ts";
import { measureThreads } from "./threads.ts";

/** What a section of the benchmark is given. */
export interface Setting {
  readonly pace: Pace;
  readonly limit: MachineLimit;
  /** The tiles that a session chooses on this engine. */
  readonly tiles: Tiles;
  /** Prints lines as soon as they are known. */
  readonly print: (...lines: string[]) => void;
}

/** A part of what is measured of the GAN as a whole. */
export interface Section {
  /** The text that filters search. */
  readonly name: string;
  readonly measure: (setting: Setting) => Promise<Partial<Report>>;
}

/** Everything that is measured of the GAN as a whole. */
export const ganSections: readonly Section[] = [
  { name: "GAN iteration, generate, memory", measure: whole },
  { name: "GAN breakdown by kernel", measure: breakdown },
  { name: "GAN allocation", measure: allocation },
  { name: "GAN batch sizes", measure: batchSizes },
  { name: "GAN threads", measure: threads },
];

async function whole({ pace, limit, print }: Setting): Promise<Partial<Report>> {
  const gan = await measureGan(measureWith(limit), pace);
  print(...ganLines(gan));
  return { gan };
}

async function breakdown({ pace, limit, tiles, print }: Setting): Promise<Partial<Report>> {
  const breakdown = await breakDown(pace.breakdownIterations, BATCH, tiles);
  print(...breakdownLines(breakdown, limit.best));
  return { breakdown };
}

async function allocation({ pace, print }: Setting): Promise<Partial<Report>> {
  const allocation = await countAllocations(pace.allocationSteps);
  print(allocationLine(allocation));
  return { allocation };
}

async function batchSizes({ pace, limit, print }: Setting): Promise<Partial<Report>> {
  const batchSizes: Record<number, BatchFigures> = {};
  for (const size of BATCH_SIZES.filter((size) => size <= pace.largestBatch)) {
    batchSizes[size] = await measureBatchSize(measureWith(limit), size, pace.batch);
    print(batchLine(size, batchSizes[size]));
  }
  return { batchSizes };
}

async function threads({ pace, limit, print }: Setting): Promise<Partial<Report>> {
  const onTheWall = measureWith(limit, () => performance.now());
  const threads: Record<number, number> = {};
  for (const count of threadCounts(availableParallelism())) {
    threads[count] = await measureThreads(onTheWall, count, pace.threads);
    print(threadsLine(count, threads[count], threads[1]!));
  }
  return { threads };
}
