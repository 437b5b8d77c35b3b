// The needs of threads in a browser, or in any other engine that has web workers. Edge runtimes have none.
import { mayShareMemory, type StartWorker } from "./platform.ts";

/** True if several threads can work on one memory here: in a worker of a page that is cross-origin isolated. */
export function mayRunThreads(): boolean {
  return typeof Worker === "function" && mayShareMemory();
}

/** Number of the machine's processors, as far as the browser tells. */
export function logicalProcessors(): number {
  return typeof navigator === "object" ? (navigator.hardwareConcurrency ?? 1) : 1;
}

/** Half of the processors: a page cannot tell which of them are siblings on one core, or slow. */
export function physicalCores(): number {
  return Math.max(1, Math.floor(logicalProcessors() / 2));
}

/** Starts a worker with web-worker.js. */
export const startWorker: StartWorker = (task, onEnd) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./web-worker.js", import.meta.url), { type: "module", name: "wasm-gan" });
    worker.addEventListener("message", () => resolve(), { once: true });
    worker.addEventListener("error", ({ message }) => {
      const reason = `a worker failed: ${message}`;
      reject(new Error(reason));
      onEnd(reason);
    });
    worker.postMessage(task);
  });
