import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createGan } from "../src/index.ts";
import type { Measure } from "./measure.ts";
import { uniform } from "./noise.ts";
import { BATCH } from "./shapes.ts";

/** The GAN as a whole, through the public API; times in milliseconds, each the fastest. */
export interface GanFigures {
  /** discriminatorStep and generatorStep, batch 50. */
  readonly iterationMs: number;
  /** The two halves, each at its own fastest. */
  readonly discriminatorStepMs: number;
  readonly generatorStepMs: number;
  /** generate of one image, after others. */
  readonly generateOneMs: number;
  /** createGan and the first image, in a new process. */
  readonly firstImageMs: number;
  readonly memoryBytesAfterGenerate: number;
  readonly memoryBytesAfterSteps: number;
}

/** Measures the GAN; `iterations` training steps at least, `processes` new processes. */
export async function measureGan(measure: Measure, iterations: number, processes: number): Promise<GanFigures> {
  const gan = await createGan();
  const oneLatent = gan.latent("sample", 0, 1);
  gan.generate(oneLatent);
  const memoryBytesAfterGenerate = gan.memoryBytes;
  const generateOneMs = measure(() => gan.generate(oneLatent)).ms;

  const images = uniform(new Float32Array(BATCH * 28 * 28));
  const latents = [gan.latent("discriminator", 0, BATCH), gan.latent("generator", 0, BATCH)] as const;
  let [discriminatorStepMs, generatorStepMs] = [Infinity, Infinity];
  const iteration = (): void => {
    const start = performance.now();
    gan.discriminatorStep(images, latents[0]);
    const middle = performance.now();
    gan.generatorStep(latents[1]);
    discriminatorStepMs = Math.min(discriminatorStepMs, middle - start);
    generatorStepMs = Math.min(generatorStepMs, performance.now() - middle);
  };
  const iterationMs = measure(iteration, { warmUpMs: 1000, measureMs: 0, samples: iterations }).ms;
  const memoryBytesAfterSteps = gan.memoryBytes;
  gan.dispose();
  const firstImageMs = Math.min(...Array.from({ length: processes }, firstImage));
  const figures = { iterationMs, discriminatorStepMs, generatorStepMs, generateOneMs, firstImageMs };
  return { ...figures, memoryBytesAfterGenerate, memoryBytesAfterSteps };
}

function firstImage(): number {
  const script = fileURLToPath(new URL("first-image.ts", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [...process.execArgv, script], { encoding: "utf8" });
  if (status !== 0) throw new Error(`first-image.ts failed: ${stderr}`);
  return Number(stdout);
}
