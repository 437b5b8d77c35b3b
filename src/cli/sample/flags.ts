import type { Command } from "commander";
import { integer, SEEDS } from "../../engine/value-kinds.ts";
import { MOST_AT_ONCE } from "../../gan/batch-checks.ts";
import { settingOption, someText, textOption } from "../terminal/option-values.ts";

/** The flags of `wasm-gan sample`. */
export interface SampleFlags {
  readonly count: number;
  readonly seed: number | undefined;
  readonly out: string | undefined;
  readonly json?: true;
  readonly allowNumericsChange?: true;
}

const HELP = `
The images come from one batch, whose mean and variance batch norm takes, as in
training. Without --seed the latent vectors are those of the run's own samples.
If the newest checkpoint is damaged (exit code 3), name another one.

Examples:
  wasm-gan sample runs/00000-seed7
  wasm-gan sample runs/00000-seed7 --count 100 --seed 1 --out digits.png
  wasm-gan sample runs/00000-seed7/checkpoints/00000500.safetensors
`;

const COUNT = { sentence: "images to draw", kind: integer(1, MOST_AT_ONCE), default: 64 };
const SEED = { sentence: "seed of the latent vectors", kind: SEEDS, note: "default: the run's" };

/** Declares the argument and the flags of `sample` on a command. */
export function declareSampleFlags(command: Command): Command {
  return command
    .summary("draw images with a trained generator")
    .description("Draws images with the generator of a run's newest checkpoint, and writes them as one PNG.")
    .argument("<run>", "a run's folder, or one of its checkpoints", someText)
    .addOption(settingOption("--count <n>", COUNT).default(COUNT.default))
    .addOption(settingOption("--seed <n>", SEED))
    .addOption(textOption("--out <file>", "the PNG (default: <run>-<step>.png here)"))
    .option("--allow-numerics-change", "use a checkpoint whose bits another version computed")
    .option("--json", "the result on stdout as a JSON object")
    .addHelpText("after", HELP);
}
