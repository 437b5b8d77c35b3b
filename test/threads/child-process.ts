import { spawn, type ChildProcess } from "node:child_process";
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { root } from "../support/packed-package.ts";

/** The exit and the output of a process that has ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process that runs a program on dist/ (after `npm run build`). */
export class Child {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  #stdout = "";
  #stderr = "";
  readonly #watchers = new Set<() => void>();

  /**
   * `program` is the text of a module. It finds `createGan`, `tiny`, a function that makes a small GAN with a given
   * number of threads, and `iterate(gan)`. `before` runs before the library is imported.
   */
  constructor(program: string, before = "", flags: readonly string[] = []) {
    const entry = pathToFileURL(join(root, "dist/index.js")).href;
    const text = `${before}
      const { createGan } = await import(${JSON.stringify(entry)});
      const tiny = (threads) => createGan({ batchSize: 2, zDim: 4, threads });
      const [images, z] = [new Float32Array(2 * 784).fill(0.5), Float32Array.of(1, 0, -1, 0, 0, 1, 0, -1)];
      const iterate = (gan) => [gan.discriminatorStep(images, z).dLossReal, gan.generatorStep(z).gLoss];
      ${program}`;
    const args = [...flags, "--input-type=module", "--eval", text];
    this.process = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.process.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      this.#stdout += chunk;
      for (const watcher of this.#watchers) watcher();
    });
    this.process.stderr?.setEncoding("utf8").on("data", (chunk: string) => (this.#stderr += chunk));
    this.ended = new Promise((resolve) => {
      this.process.on("close", (code) => resolve({ code, stdout: this.#stdout, stderr: this.#stderr }));
    });
  }

  /** Resolves once this text was printed, or the process has ended. */
  async prints(text: string): Promise<void> {
    const printed = new Promise<void>((resolve) => {
      const look = (): void => {
        if (this.#stdout.includes(text)) resolve();
      };
      this.#watchers.add(look);
      look();
    });
    await Promise.race([printed, this.ended]);
  }
}

/** Runs a program to its end. */
export function runChild(program: string, before?: string, flags?: readonly string[]): Promise<Ended> {
  return new Child(program, before, flags).ended;
}
