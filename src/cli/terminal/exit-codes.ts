import type { ErrorCode } from "../../engine/errors.ts";
import { WasmGanError } from "../../engine/errors.ts";

/** The exit codes of the process. */
export const EXIT = {
  done: 0,
  /** Something failed: a folder cannot be written, a loss is not finite, another process holds the run, … */
  failure: 1,
  /** The command line is wrong: an unknown flag, a value outside its range, a contradiction. */
  usage: 2,
  /** Data, a run or a checkpoint is missing, incomplete or damaged. */
  damaged: 3,
  interrupted: 130,
  terminated: 143,
} as const;

/** One of EXIT. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A command ends without success; the message is the one line its user reads. */
export class CommandError extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CommandError";
    this.exitCode = exitCode;
  }
}

/** The command line is wrong. */
export function usageError(message: string): CommandError {
  return new CommandError(EXIT.usage, message);
}

/** A run or checkpoint is missing, incomplete or damaged. */
export function damagedError(message: string): CommandError {
  return new CommandError(EXIT.damaged, message);
}

/** Something failed that is neither the command line's nor the data's fault. */
export function failure(message: string, options?: ErrorOptions): CommandError {
  return new CommandError(EXIT.failure, message, options);
}

const LIBRARY_EXITS: Partial<Record<ErrorCode, ExitCode>> = {
  ARGUMENT: EXIT.usage,
  NUMERICS: EXIT.usage,
  DATA: EXIT.damaged,
  FORMAT: EXIT.damaged,
  MISMATCH: EXIT.damaged,
};

/** The exit code an error stands for. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommandError) return error.exitCode;
  if (error instanceof WasmGanError) return LIBRARY_EXITS[error.code] ?? EXIT.failure;
  return EXIT.failure;
}

/** An error as the one line a user reads. */
export function describeError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/\s*\n\s*/g, "; ");
}
