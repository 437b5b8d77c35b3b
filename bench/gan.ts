import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createGan } from "../src/index.ts";
import { processorTime } from "./clock.ts";
import { engineFlags } from "./environment.ts";
import { ganIteration } from "./gan-iteration.ts";
import type { Budget, Measure } from "./measure.ts";

/** The GAN as a whole, through the public API, on one thread; each time is the fastest. */
export interface GanFigures {
  /** discriminatorStep and generatorStep, batch 50. Processor time, as the three after it. */
  readonly iterationMs: number;
  /** The two halves, each at its own fastest. */
  readonly discriminatorStepMs: number;
  readonly generatorStepMs: number;
  /** generate of one image, after others. */
  readonly generateOneMs: number;
  /** An iteration by the clock on the wall: more where the machine is busy with something else. */
  readonly iterationWallMs: number;
  /** From import to the first image in a new process, by the clock on the wall. */
  readonly firstImageMs: number;
  readonly memoryBytesAfterGenerate: number;
  readonly memoryBytesAfterSteps: number;
  /** After all three kinds of training step. */
  readonly memoryBytesAfterPretraining: number;
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
  return {
    ...(await measureGenerate(measure, budgets.generateOne)),
    ...(await measureSteps(measure, budgets.iteration)),
    memoryBytesAfterPretraining: await memoryWithPretraining(),
    firstImageMs: Math.min(...Array.from({ length: budgets.processes }, firstImage)),
  };
}

type GenerateFigures = Pick<GanFigures, "generateOneMs" | "memoryBytesAfterGenerate">;

type StepFigures = Omit<GanFigures, keyof GenerateFigures | "memoryBytesAfterPretraining" | "firstImageMs">;

async function measureGenerate(measure: Measure, budget: Budget): Promise<GenerateFigures> {
  const gan = await createGan();
  const z = gan.latent("sample", 0, 1);
  const { ms } = measure(() => gan.generate(z), budget);
  const { memoryBytes } = gan;
  gan.dispose();
  return { generateOneMs: ms, memoryBytesAfterGenerate: memoryBytes };
}

async function measureSteps(measure: Measure, budget: Budget): Promise<StepFigures> {
  const { gan, images, latents } = await ganIteration();
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
  const iterationMs = measure(iteration, budget).ms;
  const memoryBytesAfterSteps = gan.memoryBytes;
  gan.dispose();
  return { iterationMs, discriminatorStepMs, generatorStepMs, iterationWallMs, memoryBytesAfterSteps };
}

async function memoryWithPretraining(): Promise<number> {
  const { gan, images, latents, iterate } = await ganIteration();
  gan.pretrainStep(images, latents[0]);
  iterate();
  const { memoryBytes } = gan;
  gan.dispose();
  return memoryBytes;
}

function firstImage(): number {
  const script = fileURLToPath(new URL("first-image.mjs", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [...engineFlags(), script], { encoding: "utf8" });
  if (status !== 0) throw new Error(`first-image.mjs failed; npm run build makes what it imports: ${stderr}`);
  return Number(stdout);
}
