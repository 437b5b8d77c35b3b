import { Option, type Command } from "commander";
import { integer, someText } from "../terminal/option-values.ts";

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

/** Declares the argument and the flags of `sample` on a command. */
export function declareSampleFlags(command: Command): Command {
  return command
    .summary("draw images with a trained generator")
    .description("Draws images with the generator of a run's newest checkpoint, and writes them as one PNG.")
    .argument("<run>", "a run's folder, or one of its checkpoints", someText)
    .addOption(new Option("--count <n>", "images to draw, 1 to 512").argParser(integer(1, 512)).default(64))
    .addOption(
      new Option("--seed <n>", "seed of the latent vectors (default: the run's)").argParser(
        integer(0, Number.MAX_SAFE_INTEGER),
      ),
    )
    .addOption(new Option("--out <file>", "the PNG (default: <run>-<step>.png here)").argParser(someText))
    .option("--allow-numerics-change", "use a checkpoint whose bits another version computed")
    .option("--json", "the result on stdout as a JSON object")
    .addHelpText("after", HELP);
}
