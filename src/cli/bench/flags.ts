import type { Command } from "commander";
import { integer, THREADS } from "../../engine/value-kinds.ts";
import { settingOption } from "../terminal/option-values.ts";
import { wideOption, type WideFlag } from "../wide/flag.ts";

/** The flags of `wasm-gan bench`. */
export interface BenchFlags extends WideFlag {
  /** The most threads to try. */
  readonly threads: number | "auto";
  readonly seconds: number;
  readonly json?: true;
}

const HELP = `
Trains on noise and keeps nothing. A time is that of the fastest iteration, so
close other programs first: what runs beside it, and a battery, make it longer.
The limit is what multiplications and additions in registers of 128 bits alone
would reach; V8's wide registers, where they are on, can go beyond it.

Examples:
  wasm-gan bench
  wasm-gan bench --threads 1 --seconds 5
  wasm-gan bench --json
`;

const MOST_THREADS = { sentence: "most threads to try", kind: THREADS, note: "auto: the machine's, up to 16" };
const SECONDS = {
  sentence: "seconds to measure in all",
  kind: integer(1, 600),
  note: "warming up comes on top",
  default: 20,
};

/** Declares the flags of `bench` on a command. */
export function declareBenchFlags(command: Command): Command {
  return command
    .summary("measure how fast this machine trains")
    .description("Measures how fast this machine trains the GAN, with 1 thread and more.")
    .addOption(settingOption("--threads <n>", MOST_THREADS).default("auto"))
    .addOption(settingOption("--seconds <n>", SECONDS).default(SECONDS.default))
    .addOption(wideOption())
    .option("--json", "the result on stdout as one JSON object")
    .addHelpText("after", HELP);
}
