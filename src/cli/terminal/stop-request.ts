import { EXIT, type ExitCode } from "./exit-codes.ts";

/**
 * Turns what can end a training early (Ctrl-C, SIGTERM, a reader of stdout that went away) into an AbortSignal, so that
 * the step at hand is finished and a checkpoint written. A second signal quits at once.
 */
export class StopRequest {
  readonly #abort = new AbortController();
  readonly #say: (text: string) => void;
  /** The exit code to end with; undefined while nothing asked the process to stop. */
  exitCode: ExitCode | undefined;

  constructor(say: (text: string) => void) {
    this.#say = say;
    process.on("SIGINT", this.#onInterrupt);
    process.on("SIGTERM", this.#onTerminate);
    process.stdout.on("error", this.#onClosedOutput);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Stops listening. */
  close(): void {
    process.off("SIGINT", this.#onInterrupt);
    process.off("SIGTERM", this.#onTerminate);
    process.stdout.off("error", this.#onClosedOutput);
  }

  readonly #onInterrupt = (): void => {
    this.#onSignal(EXIT.interrupted, "Ctrl-C again quits at once");
  };

  readonly #onTerminate = (): void => {
    this.#onSignal(EXIT.terminated, "a second SIGTERM quits at once");
  };

  readonly #onClosedOutput = (error: Error): void => {
    this.#stop(
      EXIT.failure,
      `stdout cannot be written (${error.message}): stopping after this step, with a checkpoint`,
    );
  };

  #onSignal(code: ExitCode, hint: string): void {
    if (this.exitCode !== undefined) process.exit(code);
    this.#stop(code, `stopping after this step, with a checkpoint; ${hint}`);
  }

  #stop(code: ExitCode, text: string): void {
    if (this.exitCode !== undefined) return;
    this.exitCode = code;
    this.#say(text);
    this.#abort.abort();
  }
}
