import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createGan } from "../src/index.ts";
import { processorTime } from "./clock.ts";
import type { Budget, Measure } from "./measure.ts";
import { uniform } from "./noise.ts";
import { BATCH } from "./shapes.ts";

/** The GAN as a whole, through the public API; each time is the fastest. */
export interface GanFigures {
  /** discriminatorStep and generatorStep, batch 50. Processor time, as the three that follow. */
  readonly iterationMs: number;
  /** The two halves, each at its own fastest. */
  readonly discriminatorStepMs: number;
  readonly generatorStepMs: number;
  /** generate of one image, after others. */
  readonly generateOneMs: number;
  /** An iteration by the clock on the wall: more where the machine is busy with something else. */
  readonly iterationWallMs: number;
  /** createGan and the first image in a new process, by the clock on the wall. */
  readonly firstImageMs: number;
  readonly memoryBytesAfterGenerate: number;
  readonly memoryBytesAfterSteps: number;
}

/** How long to measure the GAN. */
export interface GanBudgets {
  readonly iteration: Budget;
  readonly generateOne: Budget;
  /** How many new processes to start. */
  readonly processes: number;
}

/** Measures the GAN. */
export async function measureGan(measure: Measure, budgets: GanBudgets): Promise<GanFigures> {
  const gan = await createGan();
  const oneLatent = gan.latent("sample", 0, 1);
  gan.generate(oneLatent);
  const memoryBytesAfterGenerate = gan.memoryBytes;
  const generateOneMs = measure(() => gan.generate(oneLatent), budgets.generateOne).ms;

  const images = uniform(new Float32Array(BATCH * 28 * 28));
  const latents = [gan.latent("discriminator", 0, BATCH), gan.latent("generator", 0, BATCH)] as const;
  let [discriminatorStepMs, generatorStepMs, iterationWallMs] = [Infinity, Infinity, Infinity];
  const iteration = (): void => {
    const [wall, start] = [performance.now(), processorTime()];
    gan.discriminatorStep(images, latents[0]);
    const middle = processorTime();
    gan.generatorStep(latents[1]);
    discriminatorStepMs = Math.min(discriminatorStepMs, middle - start);
    generatorStepMs = Math.min(generatorStepMs, processorTime() - middle);
    iterationWallMs = Math.min(iterationWallMs, performance.now() - wall);
  };
  const iterationMs = measure(iteration, budgets.iteration).ms;
  const memoryBytesAfterSteps = gan.memoryBytes;
  gan.dispose();
  const firstImageMs = Math.min(...Array.from({ length: budgets.processes }, firstImage));
  const steps = { iterationMs, discriminatorStepMs, generatorStepMs, iterationWallMs };
  return { ...steps, generateOneMs, firstImageMs, memoryBytesAfterGenerate, memoryBytesAfterSteps };
}

function firstImage(): number {
  const script = fileURLToPath(new URL("first-image.ts", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [...process.execArgv, script], { encoding: "utf8" });
  if (status !== 0) throw new Error(`first-image.ts failed: ${stderr}`);
  return Number(stdout);
}
