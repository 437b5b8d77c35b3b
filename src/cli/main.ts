#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { declareBenchFlags, type BenchFlags } from "./bench/flags.ts";
import { declareSampleFlags, type SampleFlags } from "./sample/flags.ts";
import { describeError, EXIT, exitCodeOf, type ExitCode } from "./terminal/exit-codes.ts";
import { packageVersion } from "./terminal/package-version.ts";
import { declareTrainFlags, type TrainFlags } from "./train/flags.ts";

/** Runs the command line and sets the process's exit code. */
async function main(): Promise<void> {
  // A reader that went away (`| head`) must not end the process with a stack trace.
  process.stdout.on("error", () => undefined);
  process.stderr.on("error", () => undefined);
  try {
    process.exitCode = await run(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`wasm-gan: ${describeError(error)}\n`);
    process.exitCode = exitCodeOf(error);
  }
}

async function run(args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done;
  const program = new Command("wasm-gan")
    .description("Trains the tutorial's GAN on MNIST-like digits, in WebAssembly, with the same bits everywhere.")
    .version(packageVersion())
    .exitOverride()
    .configureOutput({ outputError: () => undefined });
  declareTrainFlags(program.command("train")).action(async (flags: TrainFlags, command: Command) => {
    // Commands load when they run: help and mistakes should not wait for kernels.
    const { trainCommand } = await import("./train/command.ts");
    exitCode = await trainCommand(flags, (name) => command.getOptionValueSource(name) === "cli");
  });
  declareSampleFlags(program.command("sample")).action(async (run: string, flags: SampleFlags) => {
    const { sampleCommand } = await import("./sample/command.ts");
    exitCode = await sampleCommand(run, flags);
  });
  declareBenchFlags(program.command("bench")).action(async (flags: BenchFlags) => {
    const { benchCommand } = await import("./bench/command.ts");
    exitCode = await benchCommand(flags);
  });
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return reportCommander(error);
  }
  return exitCode;
}

/** Help and version end with 0; everything else that commander finds is wrong usage. */
function reportCommander(error: CommanderError): ExitCode {
  if (error.exitCode === 0) return EXIT.done;
  if (error.code !== "commander.help") {
    process.stderr.write(`wasm-gan: ${describeError(error).replace(/^error: /, "")}\n`);
  }
  return EXIT.usage;
}

void main();
