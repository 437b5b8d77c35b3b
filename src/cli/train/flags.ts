import { Option, type Command } from "commander";
import { namesOf } from "../../engine/value-kinds.ts";
import { DEFAULT_RECIPE, GAN_SETTINGS, type OptionalSetting } from "../../gan/configuration.ts";
import { recipes } from "../../gan/recipes.ts";
import type { ResumeFlags } from "../run/resume-point.ts";
import { CHANGEABLE_SETTINGS, FIXED_SETTINGS, OVERRIDE_SETTINGS } from "../run/settings.ts";
import { settingOption, textOption } from "../terminal/option-values.ts";
import { wideOption, type WideFlag } from "../wide/flag.ts";

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
0. The name of a checkpoint says how many steps are complete.

Data:
  --data mnist downloads MNIST's training set once and keeps it in the user's
  cache folder. A folder needs train-images-idx3-ubyte and
  train-labels-idx1-ubyte, packed (.gz) or not. The test set is not read.

Stopping and going on:
  Ctrl-C (or SIGTERM) finishes the step at hand and writes a checkpoint; a second
  one quits at once. --resume goes on from the run's newest checkpoint, also after
  a crash, with the same bits as if it had never stopped. Rows and samples after
  that checkpoint are made again. --data, --batch, --z-dim, --seed, --recipe,
  --pretrain and the rates belong to the run and cannot change. --steps,
  --sample-every, --checkpoint-every and --keep can.
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
  const counted = <T>(flags: string, setting: OptionalSetting<T>): Option =>
    settingOption(flags, setting).default(setting.default);
  const { seed, batch, zDim } = FIXED_SETTINGS;
  const { steps, sampleEvery, checkpointEvery, keep } = CHANGEABLE_SETTINGS;
  const { pretrain, discriminatorRate, generatorRate } = OVERRIDE_SETTINGS;
  return command
    .summary("train the GAN in a new run, or go on with one")
    .description("Trains the tutorial's GAN in a new run, or goes on with one.")
    .addOption(
      textOption("--data <source>", "digits, mnist, or a folder with MNIST's two training files").default("digits"),
    )
    .addOption(textOption("--out <folder>", "where runs are created").default("runs"))
    .addOption(counted("--steps <n>", steps))
    .addOption(settingOption("--pretrain <n>", pretrain))
    .addOption(counted("--batch <n>", batch))
    .addOption(counted("--z-dim <n>", zDim))
    .addOption(counted("--seed <n>", seed))
    .addOption(
      new Option("--recipe <name>", "rates and pre-training").choices(namesOf(recipes)).default(DEFAULT_RECIPE),
    )
    .addOption(settingOption("--discriminator-rate <x>", discriminatorRate))
    .addOption(settingOption("--generator-rate <x>", generatorRate))
    .addOption(settingOption("--threads <n>", GAN_SETTINGS.threads).default("auto"))
    .addOption(wideOption())
    .addOption(counted("--sample-every <n>", sampleEvery))
    .addOption(counted("--checkpoint-every <n>", checkpointEvery))
    .addOption(counted("--keep <n>", keep))
    .addOption(
      textOption("--resume [run]", "go on with a run: its folder, one of its checkpoints, or the newest in --out"),
    )
    .option("--allow-numerics-change", "resume a run whose bits another version computed")
    .option("--dry-run", "check everything and say what would be done; write nothing")
    .option("--json", "results on stdout as one JSON object a line")
    .option("--quiet", "no progress on stderr")
    .addHelpText("after", HELP);
}
