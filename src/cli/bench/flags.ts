import { Option, type Command } from "commander";
import { integer, threads } from "../terminal/option-values.ts";
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

/** Declares the flags of `bench` on a command. */
export function declareBenchFlags(command: Command): Command {
  return command
    .summary("measure how fast this machine trains")
    .description("Measures how fast this machine trains the GAN, with 1 thread and more.")
    .addOption(
      new Option("--threads <n>", "the most threads to try: auto (the machine's, up to 16) or a number")
        .argParser(threads)
        .default("auto"),
    )
    .addOption(
      new Option("--seconds <n>", "how long to measure in all, 1 to 600; warming up comes on top")
        .argParser(integer(1, 600))
        .default(20),
    )
    .addOption(wideOption())
    .option("--json", "the result on stdout as one JSON object")
    .addHelpText("after", HELP);
}
