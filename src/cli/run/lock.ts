import { readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { hasCode } from "../files/system-error.ts";
import { failure } from "../terminal/exit-codes.ts";

/** The process that holds a lock. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /**
   * Start of that process as its system counts it, where that can be read. The system uses a pid again soon, but not a
   * pid and its start.
   */
  readonly start: string | null;
}

/** A run's lock file; while it is there, no other process trains in the run's folder. */
export class RunLock {
  readonly #path: string;
  readonly #text: string;
  #held = true;

  private constructor(path: string, text: string) {
    this.#path = path;
    this.#text = text;
  }

  /**
   * Takes the lock of a run folder, also from a process of this machine that died without giving it back.
   * @throws CommandError where a living process, or one on another machine, holds it
   */
  static take(folder: string): RunLock {
    const path = join(folder, "lock");
    const holder: Holder = { pid: process.pid, host: hostname(), start: processStart(process.pid) };
    const text = `${JSON.stringify(holder)}\n`;
    if (!create(path, text)) takeOver(path, text);
    return new RunLock(path, text);
  }

  /** Gives the lock back. It may be called again, or after another process has taken the lock over. */
  release(): void {
    if (!this.#held) return;
    this.#held = false;
    if (read(this.#path) === this.#text) unlinkSync(this.#path);
  }
}

/** Does something while this process holds the lock of a run's folder. @throws as RunLock.take */
export async function withRunLock<T>(folder: string, body: () => Promise<T>): Promise<T> {
  const lock = RunLock.take(folder);
  const release = (): void => {
    lock.release();
  };
  process.on("exit", release); // a second Ctrl-C leaves at once
  try {
    return await body();
  } finally {
    release();
    process.off("exit", release);
  }
}

/** Creates the file unless it exists; the system lets exactly one process succeed. */
function create(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: "wx" });
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  }
}

/**
 * Replaces the lock of a dead process. Another process may try the same at this moment, so a second lock guards the
 * replacement: the process that holds it checks the first lock once more.
 */
function takeOver(path: string, text: string): void {
  refuseIfHeld(path, read(path));
  const guard = `${path}.takeover`;
  if (!create(guard, text)) {
    throw failure(`another process is taking over ${path} at this moment; if none is, delete ${guard}`);
  }
  try {
    const found = read(path);
    refuseIfHeld(path, found);
    if (found !== undefined) unlinkSync(path);
    if (!create(path, text)) throw failure(`another process has just begun to train in this run (${path})`);
  } finally {
    unlinkSync(guard);
  }
}

/** Text that is no holder was left half written by a crash; a living process fills its new file within microseconds. */
function refuseIfHeld(path: string, text: string | undefined): void {
  if (text !== undefined && parse(text) === undefined) sleep(100);
  const holder = parse(text) ?? parse(read(path));
  if (holder === undefined) return;
  if (holder.host !== hostname()) {
    throw failure(
      `process ${holder.pid} on ${holder.host} trains in this run; if it does not any more, delete ${path}`,
    );
  }
  if (isAlive(holder))
    throw failure(`process ${holder.pid} trains in this run (${path}); stop it, or wait for its end`);
}

function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function isAlive({ pid, start }: Holder): boolean {
  const startNow = processStart(pid);
  if (start !== null && startNow !== null) return start === startNow;
  if (pid === process.pid) return false; // this process holds no lock yet: the number was used before
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, "EPERM"); // it exists and belongs to another user
  }
}

/**
 * Linux gives the start of a process in clock ticks since the system's start: field 22 of its stat, 20 fields after the
 * ")" of its name.
 */
function processStart(pid: number): string | null {
  const stat = read(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
}

function parse(text: string | undefined): Holder | undefined {
  try {
    const found: unknown = JSON.parse(text ?? "");
    if (typeof found !== "object" || found === null) return undefined;
    const { pid, host, start }: { readonly [K in keyof Holder]?: unknown } = found;
    if (typeof pid !== "number" || !Number.isSafeInteger(pid) || typeof host !== "string") return undefined;
    return { pid, host, start: typeof start === "string" ? start : null };
  } catch {
    return undefined;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ESRCH")) return undefined;
    throw error;
  }
}
