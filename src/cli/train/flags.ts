import { Option, type Command } from "commander";
import type { ResumeFlags } from "../run/resume-point.ts";
import { integer, multipleOf, rate, someText, threads } from "../terminal/option-values.ts";
import { wideOption, type WideFlag } from "../wide/flag.ts";

/** File names hold eight digits of a step. */
const MAX_STEPS = 99_999_999;

/** All flags of `wasm-gan train`, with defaults for those not given. */
export interface TrainFlags extends ResumeFlags, WideFlag {
  readonly threads: number | "auto";
  readonly dryRun?: true;
  readonly json?: true;
  readonly quiet?: true;
}

const HELP = `
A run is a folder such as runs/00000-seed7 with config.json, metrics.csv,
samples/ and checkpoints/. Rows and samples are numbered by their iteration, from
0; the name of a checkpoint tells how many steps are complete.

Data:
  --data mnist downloads MNIST's training set once and keeps it in the user's
  cache folder. A folder needs train-images-idx3-ubyte and
  train-labels-idx1-ubyte, packed (.gz) or not. The test set is not read.

Stopping and going on:
  Ctrl-C (or SIGTERM) finishes the step at hand and writes a checkpoint; a second
  one quits at once. --resume goes on from the run's newest checkpoint, also after
  a crash, with the same bits as if it had never stopped: rows and samples after
  that checkpoint are made again. What the run was begun with (--data, --batch,
  --z-dim, --seed, --recipe, --pretrain, the rates) cannot change; --steps and how
  often files are written can.
  If the newest checkpoint is damaged, nothing is touched (exit code 3): then
  --resume CHECKPOINT goes on from another one, and renames the later ones to
  *.set-aside. If metrics.csv was deleted, a new one begins there.

Exit codes:
  0 done, 1 failure, 2 wrong usage, 3 data, run or checkpoint missing, incomplete
  or damaged, 130 or 143 after SIGINT or SIGTERM, with a checkpoint written

Examples:
  wasm-gan train                                 on the built-in digits
  wasm-gan train --data mnist --steps 8000       downloads MNIST once
  wasm-gan train --recipe tutorial --data mnist  exactly the original program
  wasm-gan train --resume --steps 20000          takes the newest run further
`;

/** Declares the flags of `train` on a command. */
export function declareTrainFlags(command: Command): Command {
  const valued = (flags: string, text: string, parse: (text: string) => unknown): Option =>
    new Option(flags, text).argParser(parse);
  const count = integer(1, MAX_STEPS);
  return command
    .summary("train the GAN in a new run, or go on with one")
    .description("Trains the tutorial's GAN in a new run, or goes on with one.")
    .addOption(
      valued("--data <source>", "digits, mnist, or a folder with MNIST's two training files", someText).default(
        "digits",
      ),
    )
    .addOption(valued("--out <folder>", "where runs are created", someText).default("runs"))
    .addOption(valued("--steps <n>", "training iterations in total", integer(0, MAX_STEPS)).default(100_000))
    .addOption(valued("--pretrain <n>", "pre-training steps (default: the recipe's)", integer(0, MAX_STEPS)))
    .addOption(valued("--batch <n>", "images in a batch, 1 to 512", integer(1, 512)).default(50))
    .addOption(
      valued("--z-dim <n>", "length of a latent vector, a multiple of 4 up to 1024", multipleOf(4, 4, 1024)).default(
        100,
      ),
    )
    .addOption(valued("--seed <n>", "seed of everything random", integer(0, Number.MAX_SAFE_INTEGER)).default(7))
    .addOption(
      new Option("--recipe <name>", "rates and pre-training").choices(["balanced", "tutorial"]).default("balanced"),
    )
    .addOption(valued("--discriminator-rate <x>", "the discriminator's learning rate (default: the recipe's)", rate))
    .addOption(valued("--generator-rate <x>", "the generator's learning rate (default: the recipe's)", rate))
    .addOption(
      valued("--threads <n>", "auto (physical cores) or a number; results do not depend on it", threads).default(
        "auto",
      ),
    )
    .addOption(wideOption())
    .addOption(valued("--sample-every <n>", "iterations between two samples", count).default(100))
    .addOption(valued("--checkpoint-every <n>", "steps between two checkpoints", count).default(500))
    .addOption(valued("--keep <n>", "checkpoints to keep, the latest ones; 0 = all", integer(0, MAX_STEPS)).default(5))
    .addOption(
      valued(
        "--resume [run]",
        "go on with a run: its folder, one of its checkpoints, or the newest in --out",
        someText,
      ),
    )
    .option("--allow-numerics-change", "resume a run whose bits another version computed")
    .option("--dry-run", "check everything and say what would be done; write nothing")
    .option("--json", "results on stdout as one JSON object a line")
    .option("--quiet", "no progress on stderr")
    .addHelpText("after", HELP);
}
