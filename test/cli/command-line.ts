import { createHash } from "node:crypto";
import { spawn, type ChildProcess } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { onTestFinished } from "vitest";

const MAIN = resolve(import.meta.dirname, "../../dist/cli/main.js");

/** What a finished process left behind. */
export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `wasm-gan` in a process of its own, as a user starts it (after `npm run build`). */
export class CommandLine {
  readonly process: ChildProcess;
  stdout = "";
  stderr = "";
  readonly done: Promise<Outcome>;
  readonly #watchers: (() => void)[] = [];

  constructor(args: readonly string[], cwd: string, main: string = MAIN) {
    const env = { ...process.env, NODE_OPTIONS: "" };
    this.process = spawn(process.execPath, [main, ...oneThread(args)], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    this.process.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
      for (const watcher of this.#watchers) watcher();
    });
    this.process.stderr?.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    this.done = new Promise((finish) => {
      this.process.on("close", (code, signal) => finish({ code, signal, stdout: this.stdout, stderr: this.stderr }));
    });
  }

  /** Resolves once stdout holds a text, or fails when the process ends before. */
  async prints(text: string): Promise<void> {
    const printed = new Promise<true>((found) => {
      this.#watchers.push(() => {
        if (this.stdout.includes(text)) found(true);
      });
      this.#watchers.at(-1)?.();
    });
    const outcome = await Promise.race([printed, this.done]);
    if (outcome !== true && !outcome.stdout.includes(text)) {
      throw new Error(`the process ended without printing ${text}: ${JSON.stringify(outcome)}`);
    }
  }
}

/** Training on one thread where a test does not say otherwise: many processes run side by side here, on few cores. */
function oneThread([command, ...args]: readonly string[]): string[] {
  if (command === undefined) return [];
  return command === "train" && !args.includes("--threads") ? [command, "--threads", "1", ...args] : [command, ...args];
}

/** Runs `wasm-gan` to its end. */
export async function wasmGan(cwd: string, ...args: string[]): Promise<Outcome> {
  return await new CommandLine(args, cwd).done;
}

/** Registers what is to be done when a test is over; tests that run side by side have one each. */
export type AtEnd = (cleanUp: () => void) => void;

/** A folder that goes away with the test. */
export function temporaryFolder(atEnd: AtEnd = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), "wasm-gan-test-"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Files of a folder and its folders, by their paths from it. */
export function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.map((path) => path.slice(folder.length + 1)).sort();
}

/** Every file of a folder with the digest of its bytes. */
export function contentOf(folder: string): Record<string, string> {
  return Object.fromEntries(filesIn(folder).map((path) => [path, fileDigest(join(folder, path))]));
}

/** Every file of a folder with its size and its time of writing: equal before and after = untouched. */
export function stampsOf(folder: string): Record<string, string> {
  const stamp = (path: string): string => {
    const { size, mtimeMs, ino } = statSync(join(folder, path));
    return `${size} bytes of ${mtimeMs}, inode ${ino}`;
  };
  return Object.fromEntries(filesIn(folder).map((path) => [path, stamp(path)]));
}

/** SHA-256 of a file. */
export function fileDigest(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

/**
 * Writes a folder of IDX files with few images, so that reading takes no time: 5,000 are held out, 40 are trained on.
 */
export function writeIdxFolder(folder: string): void {
  const count = 5040;
  mkdirSync(folder, { recursive: true });
  const pixels = Uint8Array.from({ length: count * 784 }, (_, i) => (Math.imul(i, 0x9e3779b1) >>> 29 === 0 ? 200 : 0));
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
  const words = (...values: number[]): Buffer => {
    const header = Buffer.alloc(values.length * 4);
    values.forEach((value, i) => header.writeInt32BE(value, i * 4));
    return header;
  };
  writeFileSync(join(folder, "train-images-idx3-ubyte"), Buffer.concat([words(2051, count, 28, 28), pixels]));
  writeFileSync(join(folder, "train-labels-idx1-ubyte"), Buffer.concat([words(2049, count), labels]));
}

/** A copy of a run in a folder of its own, which goes away with the test. */
export function copyRun(run: string, atEnd: AtEnd): string {
  const copy = join(temporaryFolder(atEnd), "00000-seed7");
  cpSync(run, copy, { recursive: true });
  return copy;
}

/** A metrics file without its column of seconds, which no two runs share. */
export function metricsOf(run: string): string {
  return readFileSync(join(run, "metrics.csv"), "utf8").replace(/^(\w+,\w+),[^,]*/gm, "$1");
}
