import { createGan } from "../../gan/gan.ts";
import type { GanOptions } from "../../gan/types.ts";
import { stateOf, type Checkpoint } from "../../gan/train/checkpoint.ts";
import { writeFileAtomically } from "../files/atomic-file.ts";
import { checkpointLabel, listCheckpoints } from "../run/checkpoint-files.ts";
import { findRun, runName, type RunPlace } from "../run/folder.ts";
import { encodePng } from "../run/png.ts";
import { openCheckpoint } from "../run/resume-point.ts";
import { gridPicture } from "../run/sample-picture.ts";
import { damagedError, EXIT, type ExitCode } from "../terminal/exit-codes.ts";
import { Results } from "../terminal/results.ts";
import type { SampleFlags } from "./flags.ts";

/**
 * `wasm-gan sample`: draws images with the generator of a run's newest checkpoint, or of the checkpoint that is named.
 */
export async function sampleCommand(run: string, flags: SampleFlags): Promise<ExitCode> {
  const place = findRun(run);
  const checkpoint = await openCheckpoint(checkpointOf(place), flags.allowNumericsChange === true);
  const { phase, step } = checkpoint;
  const path = flags.out ?? `${runName(place.folder)}-${checkpointLabel(phase, step)}.png`;
  const images = await draw(checkpoint, flags);
  await writeFileAtomically(path, encodePng(gridPicture(images)));
  const results = new Results(flags.json === true, (line) => process.stdout.write(`${line}\n`));
  results.text(path);
  results.record("sample", { file: path, count: flags.count, phase, step });
  return EXIT.done;
}

/** The checkpoint a place names, or the newest in its run. */
function checkpointOf({ folder, checkpoint }: RunPlace): string {
  const path = checkpoint ?? listCheckpoints(folder.checkpoints).at(-1)?.path;
  if (path === undefined) throw damagedError(`${folder.path} is no run with a checkpoint`);
  return path;
}

/** Images [count·784] of the run's fixed vectors, or of those of another seed. */
async function draw(checkpoint: Checkpoint, { count, seed = checkpoint.seed }: SampleFlags): Promise<Float32Array> {
  const { batchSize, zDim, recipe } = checkpoint;
  const configuration = { batchSize, zDim, recipe };
  const z = await drawLatent({ ...configuration, seed }, count);
  const gan = await createGan({ ...configuration, seed: checkpoint.seed });
  try {
    gan.restore(stateOf(checkpoint, gan));
    return gan.generate(z);
  } finally {
    gan.dispose();
  }
}

/** Latent vectors belong to a seed; the weights of the GAN that draws them do not matter. */
async function drawLatent(options: GanOptions, count: number): Promise<Float32Array> {
  const gan = await createGan(options);
  try {
    return gan.latent("grid", 0, count);
  } finally {
    gan.dispose();
  }
}
