import { expect } from "vitest";
import { WasmGanError, type ErrorCode } from "../../src/engine/errors.ts";

/** A typed error as a user sees it. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
}

/** The error with which a call fails, at once or later. It must be one of our errors, and its message one line. */
export async function failureOf(run: () => unknown): Promise<Failure> {
  let error: unknown;
  try {
    await run();
    error = "nothing";
  } catch (thrown) {
    error = thrown;
  }
  expect(error, "what was thrown").toBeInstanceOf(WasmGanError);
  const { code, message } = error as WasmGanError;
  expect(message).toMatch(/^[^\r\n]+$/);
  return { code, message };
}
