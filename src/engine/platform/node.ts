// The needs of threads on Node; Deno and Bun offer the same modules.
import { SHARE_ENV, Worker, type WorkerOptions } from "node:worker_threads";
import { mayShareMemory, type StartWorker } from "./platform.ts";

export { logicalProcessors, physicalCores } from "./node-processors.ts";

/** True if several threads can work on one memory here. */
export const mayRunThreads: () => boolean = mayShareMemory;

/** Starts a thread with node-worker.js. */
export const startWorker: StartWorker = (task, onEnd) =>
  new Promise((resolve, reject) => {
    const end = (reason: string): void => {
      reject(new Error(reason));
      onEnd(reason);
    };
    // None of the parent's flags: a worker needs no loader for TypeScript and no --input-type.
    const options: WorkerOptions = { workerData: task, execArgv: [], env: SHARE_ENV, name: "wasm-gan" };
    const worker = new Worker(new URL("./node-worker.js", import.meta.url), options);
    worker.once("message", () => {
      worker.unref();
      resolve();
    });
    worker.once("error", (error) => end(`a worker failed: ${String(error)}`));
    worker.once("exit", (code) => end(`a worker ended with code ${code}`));
  });
